//! `AsyncContext` as one would first write it: a map, cloned for each `run`.
//!
//! The collector does not follow its mappings: cycles through them leak.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use boa_engine::context::HostHooks;
use boa_engine::job::{Job, JobCallback, JobExecutor, PromiseJob, SimpleJobExecutor};
use boa_engine::native_function::NativeFunction;
use boa_engine::object::ConstructorBuilder;
use boa_engine::object::builtins::JsFunction;
use boa_engine::property::Attribute;
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsNativeError, JsObject, JsResult, JsValue, Trace, js_string,
};

pub type Mapping = Rc<HashMap<u64, JsValue>>;

#[derive(Default)]
struct Agent {
    mapping: RefCell<Mapping>,
    /// The mapping from before the job that runs, once it has called its callback.
    before_job: RefCell<Option<Option<Mapping>>>,
}

#[derive(Trace, Finalize, JsData)]
struct Variable {
    key: u64,
    default: JsValue,
}

#[derive(Trace, Finalize, JsData)]
struct Held(#[unsafe_ignore_trace] Mapping);

fn agent(context: &Context) -> Rc<Agent> {
    Rc::clone(context.get_data::<Rc<Agent>>().expect("it is installed"))
}

pub fn capture(context: &Context) -> Mapping {
    let agent = context.get_data::<Rc<Agent>>().expect("it is installed");
    agent.mapping.borrow().clone()
}

pub fn run_in<R>(
    mapping: Mapping,
    context: &mut Context,
    body: impl FnOnce(&mut Context) -> R,
) -> R {
    let agent = agent(context);
    let old = agent.mapping.replace(mapping);
    let result = body(context);
    agent.mapping.replace(old);
    result
}

pub fn install(context: &mut Context) -> JsResult<()> {
    let mut class = ConstructorBuilder::new(context, NativeFunction::from_fn_ptr(construct));
    class
        .name("Variable")
        .method(NativeFunction::from_fn_ptr(run), js_string!("run"), 2)
        .method(NativeFunction::from_fn_ptr(get), js_string!("get"), 0);
    let class = class.build().constructor();
    context.register_global_property(js_string!("Variable"), class, Attribute::all())?;
    context.insert_data(Rc::new(Agent::default()));
    Ok(())
}

fn construct(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    thread_local!(static KEYS: RefCell<u64> = const { RefCell::new(0) });
    let class = this.as_object().expect("it is called by new");
    let prototype = class.get(js_string!("prototype"), context)?.as_object();
    let key = KEYS.with_borrow_mut(|keys| {
        *keys += 1;
        *keys
    });
    let default = args.get_or_undefined(0).clone();
    Ok(JsObject::from_proto_and_data(prototype, Variable { key, default }).into())
}

fn receiver<R>(this: &JsValue, read: impl FnOnce(&Variable) -> R) -> JsResult<R> {
    let object = this.as_object();
    let data = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<Variable>());
    data.map(|data| read(&data))
        .ok_or_else(|| JsNativeError::typ().with_message("not a variable").into())
}

fn run(this: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let key = receiver(this, |variable| variable.key)?;
    let mut mapping = HashMap::clone(&agent(context).mapping.borrow());
    mapping.insert(key, args.get_or_undefined(0).clone());
    let function = args.get_or_undefined(1).as_callable();
    let function = function.ok_or_else(|| JsNativeError::typ().with_message("not callable"))?;
    let args = args.get(2..).unwrap_or_default();
    run_in(Rc::new(mapping), context, |context| {
        function.call(&JsValue::undefined(), args, context)
    })
}

fn get(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let agent = context.get_data::<Rc<Agent>>().expect("it is installed");
    receiver(this, |variable| {
        let value = agent.mapping.borrow().get(&variable.key).cloned();
        value.unwrap_or_else(|| variable.default.clone())
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
        let held = job
            .host_defined()
            .downcast_ref::<Held>()
            .expect("made above");
        let agent = agent(context);
        let old = agent.mapping.replace(held.0.clone());
        *agent.before_job.borrow_mut() = Some(Some(old));
        job.callback().call(this, args, context)
    }
}

pub struct Jobs(pub Rc<SimpleJobExecutor>);

impl JobExecutor for Jobs {
    fn enqueue_job(self: Rc<Self>, job: Job, context: &mut Context) {
        let job = match job {
            Job::PromiseJob(job) => PromiseJob::new(|context| {
                let agent = agent(context);
                let outer = agent.before_job.replace(Some(None));
                let result = job.call(context);
                if let Some(Some(old)) = agent.before_job.replace(outer) {
                    agent.mapping.replace(old);
                }
                result
            })
            .into(),
            other => other,
        };
        Rc::clone(&self.0).enqueue_job(job, context);
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        Rc::clone(&self.0).run_jobs(context)
    }
}
