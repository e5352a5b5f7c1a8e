// The workloads. Included twice by `main.rs`, where `subject` is `host_boa` or `naive`.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use boa_engine::context::ContextBuilder;
use boa_engine::job::SimpleJobExecutor;
use boa_engine::native_function::NativeFunction;
use boa_engine::{Context, JsObject, JsResult, JsValue, Source};

/// A context, and a mapping that binds `variable` and other variables.
pub struct Bench {
    context: Context,
    captured: subject::Captured,
    variable: JsValue,
    nothing: JsObject,
    get: JsObject,
    run: JsObject,
    wait: JsObject,
}

impl Bench {
    pub fn new(bound: usize) -> JsResult<Self> {
        let jobs = host_boa::Jobs::<SimpleJobExecutor>::new(Rc::default());
        let builder = ContextBuilder::new().host_hooks(Rc::new(subject::Hooks));
        let mut context = builder.job_executor(Rc::new(jobs)).build()?;
        subject::install(&mut context)?;
        let nothing = NativeFunction::from_fn_ptr(|_, _, _| Ok(JsValue::undefined()));
        let nothing = nothing.to_js_function(context.realm()).into();
        let mut eval = |code| context.eval(Source::from_bytes(code));
        let mut captured = subject::Captured::default();
        for _ in 0..bound {
            let variable = eval("variable = new AsyncContext.Variable()")?;
            captured = captured.with_value(&variable, eval("({})")?)?;
        }
        let mut function = |code| eval(code).map(|value| value.as_object().expect("a function"));
        Ok(Bench {
            nothing,
            get: function("variable.get")?,
            run: function("variable.run")?,
            wait: function("(async n => { for (let i = 0; i < n; i++) await null })")?,
            variable: eval("variable")?,
            captured,
            context,
        })
    }

    /// Runs the workload `n` times. Returns the nanoseconds for one.
    pub fn time(&mut self, work: &str, n: u32) -> f64 {
        let (this, captured) = (&self.variable, &self.captured);
        let args = [this.clone(), self.nothing.clone().into()];
        let function = match work {
            "get" => &self.get,
            "run" => &self.run,
            _ => &self.nothing,
        };
        let inside = |_: &mut Context| Ok(black_box(true));
        let once = |context: &mut Context| match work {
            "capture" => {
                drop(black_box(subject::capture(context)));
                Ok(())
            }
            "enter" => captured.run(context, inside).map(drop),
            "capture+enter" => subject::capture(context).run(context, inside).map(drop),
            _ => function.call(this, &args, context).map(drop),
        };
        let all = |context: &mut Context| {
            let start = Instant::now();
            if work == "await" {
                self.wait.call(this, &[n.into()], context)?;
                context.run_jobs()?;
            } else {
                (0..n).try_for_each(|_| once(context))?;
            }
            Ok(start.elapsed().as_nanos() as f64 / f64::from(n))
        };
        captured
            .run(&mut self.context, all)
            .expect("nothing throws")
    }
}
