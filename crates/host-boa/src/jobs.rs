//! Promises: a job runs in the mapping of the call of `then`, of the `await`, or of the resolution
//! with a thenable.
//!
//! At each of these Boa creates a [`JobCallback`], where the hooks capture the mapping. It calls
//! that when the job begins, where the hooks enter the mapping. The executor leaves it at the end
//! of the job.

use std::cell::RefCell;
use std::rc::Rc;

use boa_engine::context::HostHooks;
use boa_engine::job::{Job, JobCallback, JobExecutor, PromiseJob};
use boa_engine::object::builtins::JsFunction;
use boa_engine::{Context, JsResult, JsValue};

use crate::agent::{Agent, JobScope};
use crate::held::Held;

/// Host hooks that preserve variables through promises.
///
/// If you have your own hooks, call [`make_job_callback`] and [`call_job_callback`] in the methods
/// of these names.
#[derive(Clone, Copy, Debug)]
pub struct Hooks;

impl HostHooks for Hooks {
    fn make_job_callback(&self, callback: JsFunction, context: &mut Context) -> JobCallback {
        make_job_callback(callback, context)
    }

    fn call_job_callback(
        &self,
        job: &JobCallback,
        this: &JsValue,
        args: &[JsValue],
        context: &mut Context,
    ) -> JsResult<JsValue> {
        call_job_callback(job, this, args, context)
    }
}

/// Creates a job's callback that holds the current mapping: for
/// [`HostHooks::make_job_callback`]. O(1).
pub fn make_job_callback(callback: JsFunction, context: &Context) -> JobCallback {
    match Agent::of(context) {
        Some(agent) => JobCallback::new(callback, Held::new(agent.mapping())),
        None => JobCallback::new(callback, ()),
    }
}

/// Calls a job's callback in the mapping that it holds: for [`HostHooks::call_job_callback`].
///
/// # Errors
///
/// The error that the callback throws.
pub fn call_job_callback(
    job: &JobCallback,
    this: &JsValue,
    args: &[JsValue],
    context: &mut Context,
) -> JsResult<JsValue> {
    let held = job.host_defined().downcast_ref::<Held>();
    let Some((held, agent)) = held.zip(Agent::of(context).cloned()) else {
        return job.callback().call(this, args, context);
    };
    agent.run_in_job(held.mapping(), || job.callback().call(this, args, context))
}

/// Wraps a job executor. At the end of a promise job it restores the mapping from before the job.
#[derive(Debug)]
pub struct Jobs<E>(Rc<E>);

impl<E> Jobs<E> {
    /// Wraps `inner`.
    pub fn new(inner: Rc<E>) -> Self {
        Jobs(inner)
    }
}

impl<E: JobExecutor> JobExecutor for Jobs<E> {
    fn enqueue_job(self: Rc<Self>, job: Job, context: &mut Context) {
        let job = match job {
            // The inner job enters its realm itself.
            Job::PromiseJob(job) => PromiseJob::new(|context| run(job, context)).into(),
            other => other,
        };
        Rc::clone(&self.0).enqueue_job(job, context);
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        Rc::clone(&self.0).run_jobs(context)
    }

    async fn run_jobs_async(self: Rc<Self>, context: &RefCell<&mut Context>) -> JsResult<()> {
        Rc::clone(&self.0).run_jobs_async(context).await
    }
}

fn run(job: PromiseJob, context: &mut Context) -> JsResult<JsValue> {
    let Some(agent) = Agent::of(context).cloned() else {
        return job.call(context);
    };
    let _scope = JobScope::begin(&agent);
    job.call(context)
}
