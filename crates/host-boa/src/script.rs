//! A small embedder: scripts with `print`, `gc`, `setTimeout` and reports of unhandled rejections.
//!
//! It shows how an embedder handles its own callbacks. `setTimeout` captures the current mapping, in
//! which the timer runs. A rejection captures the current mapping, in which
//! `globalThis.onunhandledrejection`, if there is one, is called with the reason.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use boa_engine::builtins::promise::{OperationType, Promise, PromiseState};
use boa_engine::context::{ContextBuilder, HostHooks};
use boa_engine::job::{JobCallback, NativeJob, SimpleJobExecutor, TimeoutJob};
use boa_engine::native_function::NativeFunction;
use boa_engine::object::builtins::{JsFunction, JsPromise};
use boa_engine::parser::source::ReadChar;
use boa_engine::{Context, JsArgs, JsError, JsObject, JsResult, JsValue, Source, js_string};

use crate::{Captured, Jobs, capture, install};

type Rejection = (JsObject, Captured);

/// Runs scripts, one after the other, in one Boa context.
pub struct Machine {
    context: Context,
    hooks: Rc<Hooks>,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").finish_non_exhaustive()
    }
}

/// The hooks of `AsyncContext`, and a list of rejected promises that have no handler yet.
#[derive(Default)]
struct Hooks {
    rejections: RefCell<Vec<Rejection>>,
}

impl HostHooks for Hooks {
    fn make_job_callback(&self, callback: JsFunction, context: &mut Context) -> JobCallback {
        crate::make_job_callback(callback, context)
    }

    fn call_job_callback(
        &self,
        job: &JobCallback,
        this: &JsValue,
        args: &[JsValue],
        context: &mut Context,
    ) -> JsResult<JsValue> {
        crate::call_job_callback(job, this, args, context)
    }

    fn promise_rejection_tracker(
        &self,
        promise: &JsObject<Promise>,
        operation: OperationType,
        context: &mut Context,
    ) {
        let promise = promise.clone().upcast();
        let mut rejections = self.rejections.borrow_mut();
        match operation {
            OperationType::Reject => rejections.push((promise, capture(context))),
            OperationType::Handle => {
                rejections.retain(|(rejected, _)| !JsObject::equals(rejected, &promise));
            }
        }
    }
}

impl Machine {
    /// Builds a Boa context with `AsyncContext`, `print`, `gc` and `setTimeout`. The hooks and the
    /// job executor of `builder` are replaced.
    ///
    /// # Errors
    ///
    /// If Boa cannot build the context.
    pub fn new(builder: ContextBuilder) -> JsResult<Self> {
        let hooks = Rc::new(Hooks::default());
        let mut context = builder
            .host_hooks(Rc::clone(&hooks))
            .job_executor(Rc::new(Jobs::<SimpleJobExecutor>::new(Rc::default())))
            .build()?;
        install(&mut context)?;
        let globals: [(_, _, fn(&_, &[_], &mut _) -> _); 3] = [
            ("print", 0, print),
            ("gc", 0, gc),
            ("setTimeout", 2, set_timeout),
        ];
        for (name, length, function) in globals {
            let function = NativeFunction::from_fn_ptr(function);
            context.register_global_callable(name.into(), length, function)?;
        }
        Ok(Machine { context, hooks })
    }

    /// Returns the Boa context.
    pub fn context(&mut self) -> &mut Context {
        &mut self.context
    }

    /// Runs a script, and the jobs and timers that it starts. Returns the script's value.
    ///
    /// # Errors
    ///
    /// The error that the script, a job or a timer throws; the first rejection without a handler.
    pub fn eval<R: ReadChar>(&mut self, source: Source<'_, R>) -> JsResult<JsValue> {
        let value = self.context.eval(source)?;
        self.context.run_jobs()?;
        loop {
            let rejections = self.hooks.rejections.take();
            if rejections.is_empty() {
                return Ok(value);
            }
            for rejection in rejections {
                self.report(&rejection)?;
            }
            self.context.run_jobs()?;
        }
    }

    /// Reports a rejection without a handler, in its mapping.
    fn report(&mut self, (promise, mapping): &Rejection) -> JsResult<()> {
        let PromiseState::Rejected(reason) = JsPromise::from_object(promise.clone())?.state()
        else {
            return Ok(());
        };
        let global = self.context.global_object();
        let key = js_string!("onunhandledrejection");
        let report = global.get(key, &mut self.context)?;
        let Some(report) = report.as_callable() else {
            return Err(JsError::from_opaque(reason));
        };
        let reported = mapping.run(&mut self.context, |context| {
            report.call(&JsValue::undefined(), &[reason], context)
        });
        reported.map(drop)
    }
}

/// `print(...values)`
fn print(_: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let texts: JsResult<Vec<_>> = args
        .iter()
        .map(|value| Ok(value.to_string(context)?.to_std_string_escaped()))
        .collect();
    println!("{}", texts?.join(" "));
    Ok(JsValue::undefined())
}

/// `gc()`, which runs a collection.
fn gc(_: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    boa_gc::force_collect();
    Ok(JsValue::undefined())
}

/// `setTimeout(func, milliseconds, ...args)`. Returns no id, so it cannot be cancelled.
fn set_timeout(_: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let function = crate::class::callable(args.get_or_undefined(0))?;
    let delay = args.get_or_undefined(1).to_number(context)?.max(0.0);
    let args = args.get(2..).unwrap_or_default().to_vec();
    let mapping = capture(context);
    let job = NativeJob::new(move |context| {
        mapping.run(context, |context| {
            function.call(&JsValue::undefined(), &args, context)
        })
    });
    context.enqueue_job(TimeoutJob::new(job, delay as u64).into());
    Ok(JsValue::undefined())
}
