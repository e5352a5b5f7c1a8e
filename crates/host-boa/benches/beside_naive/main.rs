//! `cargo bench`: beside a map that is cloned for each `run`, on the same hooks.
//!
//! Both work in turns. A line has the medians in nanoseconds, and the median of the ratios of
//! neighbouring turns. `get` and `run` are calls of the native methods from Rust; `call` is such a
//! call of a function that does nothing.

mod naive;

use std::hint::black_box;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use boa_engine::context::ContextBuilder;
use boa_engine::job::SimpleJobExecutor;
use boa_engine::native_function::NativeFunction;
use boa_engine::{Context, JsObject, JsResult, JsValue, Source, js_string};

const WORK: [&str; 7] = [
    "call",
    "get",
    "run",
    "capture",
    "enter",
    "capture+enter",
    "await",
];
const TURNS: usize = 401;
/// How long a turn is, about, in nanoseconds.
const TURN: f64 = 2e5;

/// The worst ratio that may be, and the most nanoseconds.
fn bounds(work: &str) -> (f64, f64) {
    match work {
        "get" | "run" => (1.0, f64::INFINITY),
        "await" => (1.1, f64::INFINITY),
        "capture+enter" => (f64::INFINITY, 30.0),
        _ => (f64::INFINITY, f64::INFINITY),
    }
}

/// An implementation of `AsyncContext`.
trait Subject {
    type Captured: Clone + 'static;
    fn context() -> JsResult<Context>;
    fn capture(context: &Context) -> Self::Captured;
    fn enter<R>(
        captured: &Self::Captured,
        context: &mut Context,
        body: impl FnOnce(&mut Context) -> R,
    ) -> R;
}

struct Ours;

impl Subject for Ours {
    type Captured = host_boa::Captured;

    fn context() -> JsResult<Context> {
        let jobs = host_boa::Jobs::new(SimpleJobExecutor::new());
        let builder = ContextBuilder::new().host_hooks(Rc::new(host_boa::Hooks));
        let mut context = builder.job_executor(Rc::new(jobs)).build()?;
        host_boa::install(&mut context)?;
        context.eval(Source::from_bytes("const { Variable } = AsyncContext"))?;
        Ok(context)
    }

    fn capture(context: &Context) -> Self::Captured {
        host_boa::capture(context)
    }

    fn enter<R>(
        captured: &Self::Captured,
        context: &mut Context,
        body: impl FnOnce(&mut Context) -> R,
    ) -> R {
        let result = captured.run(context, |context| Ok(body(context)));
        result.expect("it is installed")
    }
}

struct Naive;

impl Subject for Naive {
    type Captured = naive::Mapping;

    fn context() -> JsResult<Context> {
        let jobs = naive::Jobs(Rc::new(SimpleJobExecutor::new()));
        let builder = ContextBuilder::new().host_hooks(Rc::new(naive::Hooks));
        let mut context = builder.job_executor(Rc::new(jobs)).build()?;
        naive::install(&mut context)?;
        Ok(context)
    }

    fn capture(context: &Context) -> Self::Captured {
        naive::capture(context)
    }

    fn enter<R>(
        captured: &Self::Captured,
        context: &mut Context,
        body: impl FnOnce(&mut Context) -> R,
    ) -> R {
        naive::run_in(captured.clone(), context, body)
    }
}

/// A context, and a mapping of some variables, `variable` the first of them.
struct Bench<S: Subject> {
    context: Context,
    captured: S::Captured,
    variable: JsValue,
    value: JsValue,
    nothing: JsObject,
    get: JsObject,
    run: JsObject,
    wait: JsObject,
}

impl<S: Subject> Bench<S> {
    fn new(bound: usize) -> JsResult<Self> {
        let mut context = S::context()?;
        let nothing = NativeFunction::from_fn_ptr(|_, _, _| Ok(JsValue::undefined()));
        context.register_global_callable(js_string!("nothing"), 0, nothing)?;
        let code = "
            const variables = Array.from({ length: BOUND }, () => new Variable());
            var variable = variables[0], value = {}, get = variable.get, run = variable.run;
            var nest = (f, i = 0) =>
                i < BOUND ? variables[i].run({ i }, () => nest(f, i + 1)) : f();
            var wait = async n => { for (let i = 0; i < n; i++) await null };
        ";
        let code = code.replace("BOUND", &bound.to_string());
        context.eval(Source::from_bytes(&code))?;

        thread_local!(static OUT: std::cell::RefCell<Option<Box<dyn std::any::Any>>> = const { std::cell::RefCell::new(None) });
        let out = NativeFunction::from_copy_closure(|_, _, context| {
            OUT.set(Some(Box::new(S::capture(context))));
            Ok(JsValue::undefined())
        });
        let out = out.to_js_function(&context.realm().clone());
        let nest = context.eval(Source::from_bytes("nest"))?.as_object();
        nest.expect("a function")
            .call(&JsValue::undefined(), &[out.into()], &mut context)?;
        let captured = OUT.take().and_then(|out| out.downcast().ok());

        let mut global = |name| context.global_object().get(js_string!(name), &mut context);
        let [variable, value, nothing, get, run, wait] =
            ["variable", "value", "nothing", "get", "run", "wait"].map(&mut global);
        let function =
            |value: JsResult<JsValue>| value.map(|value| value.as_object().expect("a function"));
        Ok(Bench {
            captured: *captured.expect("nest calls it"),
            variable: variable?,
            value: value?,
            nothing: function(nothing)?,
            get: function(get)?,
            run: function(run)?,
            wait: function(wait)?,
            context,
        })
    }

    /// Does the work `n` times, and returns how long once takes, in nanoseconds.
    fn time(&mut self, work: &str, n: u32) -> f64 {
        let (this, captured, wait) = (&self.variable, &self.captured, &self.wait);
        let (call, args): (_, &[JsValue]) = match work {
            "get" => (&self.get, &[]),
            "run" => (
                &self.run,
                &[self.value.clone(), self.nothing.clone().into()],
            ),
            _ => (&self.nothing, &[]),
        };
        S::enter(captured, &mut self.context, |context| {
            let start = Instant::now();
            match work {
                "capture" => (0..n).for_each(|_| drop(black_box(S::capture(context)))),
                "enter" => (0..n).for_each(|_| S::enter(captured, context, |_| black_box(()))),
                "capture+enter" => {
                    (0..n).for_each(|_| S::enter(&S::capture(context), context, |_| black_box(())));
                }
                "await" => {
                    let waiting = wait.call(&JsValue::undefined(), &[n.into()], context);
                    waiting
                        .and_then(|_| context.run_jobs())
                        .expect("it does not throw");
                }
                _ => (0..n).for_each(|_| {
                    black_box(call.call(this, args, context)).expect("it does not throw");
                }),
            }
            start.elapsed().as_nanos() as f64 / f64::from(n)
        })
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() -> ExitCode {
    let mut misses = 0;
    println!(
        "{:14}{:>6}{:>10}{:>10}{:>8}",
        "", "bound", "ours", "naive", "ratio"
    );
    for work in WORK {
        for bound in [1, 10, 100] {
            let mut ours = Bench::<Ours>::new(bound).expect("Boa starts");
            let mut naive = Bench::<Naive>::new(bound).expect("Boa starts");
            let n = (TURN / naive.time(work, 1000).max(1.0)) as u32;
            ours.time(work, n);
            let (mut mine, mut other, mut ratios) = (vec![], vec![], vec![]);
            for turn in 0..TURNS {
                let first = (turn % 2 == 0).then(|| ours.time(work, n));
                let theirs = naive.time(work, n);
                let our = first.unwrap_or_else(|| ours.time(work, n));
                mine.push(our);
                other.push(theirs);
                ratios.push(our / theirs);
            }
            let (mine, other, ratio) = (median(mine), median(other), median(ratios));
            let (worst, most) = bounds(work);
            let missed = ratio > worst || mine > most;
            misses += u32::from(missed);
            let note = if missed { "  MISSED" } else { "" };
            println!("{work:14}{bound:6}{mine:10.1}{other:10.1}{ratio:8.2}{note}");
        }
    }
    println!("{misses} bounds missed");
    ExitCode::from(u8::from(misses > 0))
}
