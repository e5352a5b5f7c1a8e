//! A simple implementation of `AsyncContext`, for comparison: a map that is cloned for each `run`.
//!
//! The collector does not traverse its mappings: cycles through them leak.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use boa_engine::context::HostHooks;
use boa_engine::job::JobCallback;
use boa_engine::native_function::NativeFunction;
use boa_engine::object::builtins::JsFunction;
use boa_engine::object::{ConstructorBuilder, ObjectInitializer};
use boa_engine::property::Attribute;
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsObject, JsResult, JsValue, Trace, js_error, js_string,
};

type Mapping = Rc<HashMap<u64, JsValue>>;

/// The current mapping of a Boa context.
type Agent = Rc<RefCell<Mapping>>;

#[derive(Trace, Finalize, JsData)]
struct Variable {
    key: u64,
}

#[derive(Trace, Finalize, JsData)]
struct Held(#[unsafe_ignore_trace] Captured);

pub fn install(context: &mut Context) -> JsResult<()> {
    let mut class = ConstructorBuilder::new(context, NativeFunction::from_fn_ptr(construct));
    class
        .method(NativeFunction::from_fn_ptr(run), js_string!("run"), 2)
        .method(NativeFunction::from_fn_ptr(get), js_string!("get"), 0);
    let class = class.build().constructor();
    let mut namespace = ObjectInitializer::new(context);
    namespace.property(js_string!("Variable"), class, Attribute::all());
    let namespace = namespace.build();
    context.insert_data(Agent::default());
    context.register_global_property(js_string!("AsyncContext"), namespace, Attribute::all())
}

#[derive(Default)]
pub struct Captured(Mapping);

pub fn capture(context: &Context) -> Captured {
    Captured(agent(context).borrow().clone())
}

impl Captured {
    pub fn with_value(&self, variable: &JsValue, value: JsValue) -> JsResult<Captured> {
        let mut mapping = HashMap::clone(&self.0);
        mapping.insert(receiver(variable, |variable| variable.key)?, value);
        Ok(Captured(mapping.into()))
    }

    pub fn run<R>(
        &self,
        context: &mut Context,
        body: impl FnOnce(&mut Context) -> JsResult<R>,
    ) -> JsResult<R> {
        let agent = Rc::clone(agent(context));
        let old = agent.replace(Rc::clone(&self.0));
        let result = body(context);
        agent.replace(old);
        result
    }
}

fn agent(context: &Context) -> &Agent {
    context.get_data::<Agent>().expect("it is installed")
}

fn construct(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    static KEYS: AtomicU64 = AtomicU64::new(0);
    let class = this.as_object().expect("it is called by new");
    let prototype = class.get(js_string!("prototype"), context)?.as_object();
    let key = KEYS.fetch_add(1, Ordering::Relaxed);
    Ok(JsObject::from_proto_and_data(prototype, Variable { key }).into())
}

fn receiver<R>(this: &JsValue, read: impl FnOnce(&Variable) -> R) -> JsResult<R> {
    let object = this.as_object();
    let data = object.as_ref().and_then(JsObject::downcast_ref::<Variable>);
    let data = data.ok_or_else(|| js_error!(TypeError: "not a variable"))?;
    Ok(read(&data))
}

fn run(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let captured = capture(context).with_value(this, args.get_or_undefined(0).clone())?;
    let function = args.get_or_undefined(1).as_callable();
    let function = function.ok_or_else(|| js_error!(TypeError: "not callable"))?;
    let args = args.get(2..).unwrap_or_default();
    captured.run(context, |context| {
        function.call(&JsValue::undefined(), args, context)
    })
}

fn get(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let mapping = agent(context).borrow();
    receiver(this, |variable| {
        mapping.get(&variable.key).cloned().unwrap_or_default()
    })
}

pub struct Hooks;

impl HostHooks for Hooks {
    fn make_job_callback(&self, callback: JsFunction, context: &mut Context) -> JobCallback {
        JobCallback::new(callback, Held(capture(context)))
    }

    fn call_job_callback(
        &self,
        job: &JobCallback,
        this: &JsValue,
        args: &[JsValue],
        context: &mut Context,
    ) -> JsResult<JsValue> {
        let held = job.host_defined().downcast_ref::<Held>();
        let captured = &held.expect("made above").0;
        captured.run(context, |context| job.callback().call(this, args, context))
    }
}
