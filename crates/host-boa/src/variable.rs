//! The class `AsyncContext.Variable`.

use std::rc::Rc;

use boa_engine::context::intrinsics::StandardConstructor;
use boa_engine::native_function::NativeFunction;
use boa_engine::object::{ConstructorBuilder, FunctionObjectBuilder};
use boa_engine::property::Attribute;
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsResult, JsString, JsSymbol, JsValue, Trace, js_string,
};
use contextvars::engine::{self, VarKey};

use crate::agent::{Agent, Js, Mapping};
use crate::class;

const CLASS: &str = "AsyncContext.Variable";

/// A variable. Mappings hold only its key.
#[derive(Trace, Finalize, JsData)]
struct Variable {
    #[unsafe_ignore_trace]
    key: VarKey,
    name: JsString,
    default: JsValue,
}

/// Creates the class.
pub(crate) fn class(context: &mut Context) -> StandardConstructor {
    let name = FunctionObjectBuilder::new(context.realm(), NativeFunction::from_fn_ptr(name))
        .name(js_string!("get name"))
        .build();
    let mut class = ConstructorBuilder::new(context, NativeFunction::from_fn_ptr(construct));
    class
        .name("Variable")
        .method(NativeFunction::from_fn_ptr(run), js_string!("run"), 2)
        .method(NativeFunction::from_fn_ptr(get), js_string!("get"), 0)
        .accessor(
            js_string!("name"),
            Some(name),
            None,
            Attribute::CONFIGURABLE,
        )
        .property(
            JsSymbol::to_string_tag(),
            JsString::from(CLASS),
            Attribute::CONFIGURABLE,
        );
    class.build()
}

/// `new AsyncContext.Variable(options)`
fn construct(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let new_target = class::new_target(this, CLASS)?;
    let (mut name, mut default) = (js_string!(), JsValue::undefined());
    if let Some(options) = args.get_or_undefined(0).as_object() {
        let key = js_string!("name");
        if options.has_property(key.clone(), context)? {
            name = options.get(key, context)?.to_string(context)?;
        }
        default = options.get(js_string!("defaultValue"), context)?;
    }
    let key = VarKey::next();
    let prototype = Agent::expect(context)?.variable.clone();
    let data = Variable { key, name, default };
    class::create(&new_target, prototype, data, context)
}

/// Binds a variable in a mapping.
///
/// # Errors
///
/// `TypeError` if `variable` is not an `AsyncContext.Variable`.
pub(crate) fn bind(mapping: &mut Mapping, variable: &JsValue, value: JsValue) -> JsResult<()> {
    let key = class::receiver(variable, CLASS, |variable: &Variable| variable.key)?;
    let Ok(_) = engine::bind::<Js>((), mapping, &key, value);
    Ok(())
}

/// `variable.run(value, func, ...args)`
fn run(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let agent = Rc::clone(Agent::expect(context)?);
    let mut mapping = agent.mapping();
    bind(&mut mapping, this, args.get_or_undefined(0).clone())?;
    let call = args.get(1..).unwrap_or_default();
    agent.run_in(mapping, || class::call_first(call, context))
}

/// `variable.get()`
fn get(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let agent = Agent::expect(context)?;
    class::receiver(this, CLASS, |variable: &Variable| {
        let value = agent.get(variable.key);
        value.unwrap_or_else(|| variable.default.clone())
    })
}

/// `variable.name`
fn name(this: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    class::receiver(this, CLASS, |variable: &Variable| {
        variable.name.clone().into()
    })
}
