//! The class `AsyncContext.Snapshot`.

use std::rc::Rc;

use boa_engine::context::intrinsics::StandardConstructor;
use boa_engine::native_function::NativeFunction;
use boa_engine::object::{ConstructorBuilder, FunctionObjectBuilder};
use boa_engine::property::{Attribute, PropertyDescriptor};
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsObject, JsResult, JsString, JsSymbol, JsValue, Trace,
    js_str, js_string,
};

use crate::agent::Agent;
use crate::class;
use crate::held::Held;

const CLASS: &str = "AsyncContext.Snapshot";

#[derive(Trace, Finalize, JsData)]
struct Snapshot(Held);

/// The data of a function that `wrap` returned.
#[derive(Trace, Finalize)]
struct Wrapped {
    target: JsObject,
    mapping: Held,
}

/// Creates the class.
pub(crate) fn class(context: &mut Context) -> StandardConstructor {
    let mut class = ConstructorBuilder::new(context, NativeFunction::from_fn_ptr(construct));
    class
        .name("Snapshot")
        .method(NativeFunction::from_fn_ptr(run), js_string!("run"), 1)
        .static_method(NativeFunction::from_fn_ptr(wrap), js_string!("wrap"), 1)
        .property(
            JsSymbol::to_string_tag(),
            JsString::from(CLASS),
            Attribute::CONFIGURABLE,
        );
    class.build()
}

/// `new AsyncContext.Snapshot()`
fn construct(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let new_target = class::new_target(this, CLASS)?;
    let agent = Agent::expect(context)?;
    let (prototype, mapping) = (agent.snapshot.clone(), agent.mapping());
    class::create(
        &new_target,
        prototype,
        Snapshot(Held::new(mapping)),
        context,
    )
}

/// `snapshot.run(func, ...args)`
fn run(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let mapping = class::receiver(this, CLASS, |snapshot: &Snapshot| snapshot.0.mapping())?;
    let agent = Rc::clone(Agent::expect(context)?);
    agent.run_in(mapping, || class::call_first(args, context))
}

/// `AsyncContext.Snapshot.wrap(fn)`
fn wrap(_: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let target = class::callable(args.get_or_undefined(0))?;
    let mapping = Held::new(Agent::expect(context)?.mapping());
    let captures = Wrapped {
        target: target.clone(),
        mapping,
    };
    let function = NativeFunction::from_copy_closure_with_captures(call_wrapped, captures);
    let function = FunctionObjectBuilder::new(context.realm(), function).build();

    let length: JsValue = length_of(&target, context)?.into();
    let name = target.get(js_string!("name"), context)?;
    let name = js_string!(js_str!("wrapped "), &name.as_string().unwrap_or_default());
    for (key, value) in [
        (js_string!("length"), length),
        (js_string!("name"), name.into()),
    ] {
        let property = PropertyDescriptor::builder()
            .value(value)
            .writable(false)
            .enumerable(false)
            .configurable(true);
        function.define_property_or_throw(key, property, context)?;
    }
    Ok(function.into())
}

/// Returns the `length` of a function, read as `Function.prototype.bind` does.
fn length_of(target: &JsObject, context: &mut Context) -> JsResult<f64> {
    let key = js_string!("length");
    if !target.has_own_property(key.clone(), context)? {
        return Ok(0.0);
    }
    let length = target.get(key, context)?.as_number();
    // The larger of zero and NaN is zero.
    Ok(length.map_or(0.0, |length| length.trunc().max(0.0)))
}

/// Calls the wrapped function with the same receiver and arguments, in the mapping that `wrap`
/// captured.
fn call_wrapped(
    this: &JsValue,
    args: &[JsValue],
    wrapped: &Wrapped,
    context: &mut Context,
) -> JsResult<JsValue> {
    let agent = Rc::clone(Agent::expect(context)?);
    agent.run_in(wrapped.mapping.mapping(), || {
        wrapped.target.call(this, args, context)
    })
}
