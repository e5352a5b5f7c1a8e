//! The Rust API for embedders, and the binary.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::rc::Rc;

use boa_engine::context::ContextBuilder;
use boa_engine::job::SimpleJobExecutor;
use boa_engine::native_function::NativeFunction;
use boa_engine::{Context, JsNativeError, JsResult, JsValue, Source, js_string};
use host_boa::script::Machine;
use host_boa::{Captured, Hooks, Jobs, capture};

use crate::{logged, machine, text};

/// Returns a context with the hooks, but without `AsyncContext`.
fn context() -> Context {
    ContextBuilder::new()
        .host_hooks(Rc::new(Hooks))
        .job_executor(Rc::new(Jobs::<SimpleJobExecutor>::new(Rc::default())))
        .build()
        .expect("Boa starts")
}

fn eval_value(context: &mut Context, code: &str) -> JsValue {
    let value = context.eval(Source::from_bytes(code));
    value.unwrap_or_else(|error| panic!("{error}"))
}

fn eval(context: &mut Context, code: &str) -> String {
    eval_value(context, code).display().to_string()
}

/// Returns a mapping that binds `v` to 1.
fn captured(machine: &mut Machine) -> Captured {
    text(machine, "const v = new Variable({ defaultValue: 0 })");
    let context = machine.context();
    let variable = eval_value(context, "v");
    assert!(
        capture(context)
            .with_value(&JsValue::null(), 1.into())
            .is_err()
    );
    capture(context)
        .with_value(&variable, 1.into())
        .expect("a variable")
}

#[test]
fn captured_mappings_are_entered_and_left() {
    let mut machine = machine();
    let captured = captured(&mut machine);
    let context = machine.context();
    assert_eq!(eval(context, "v.get()"), "0");
    for _ in 0..2 {
        let seen = captured.run(context, |context| {
            let inner = captured.run(context, |context| Ok(eval(context, "v.get()")))?;
            let default =
                Captured::default().run(context, |context| Ok(eval(context, "v.get()")))?;
            Ok([inner, default, eval(context, "v.get()")].join(" "))
        });
        assert_eq!(seen.expect("it is installed"), "1 0 1");
    }
    let failed: JsResult<()> = captured.run(context, |_| Err(JsNativeError::range().into()));
    assert!(failed.is_err());
    assert_eq!(eval(context, "v.get()"), "0");
}

#[test]
fn panics_restore_the_mapping() {
    let mut machine = machine();
    let captured = captured(&mut machine);
    let panics = NativeFunction::from_fn_ptr(|_, _, _| panic!("on purpose"));
    let name = js_string!("panics");
    machine
        .context()
        .register_global_callable(name, 0, panics)
        .expect("it is new");
    for code in [
        "v.run(2, panics)",
        "v.run(2, () => Promise.resolve().then(panics))",
        "v.run(2, () => Promise.resolve().then(() => v.run(3, panics)))",
    ] {
        let ended = catch_unwind(AssertUnwindSafe(|| machine.eval(Source::from_bytes(code))));
        assert!(ended.is_err(), "{code}");
        let context = machine.context();
        assert_eq!(eval(context, "v.get()"), "0", "{code}");
        let seen = captured.run(context, |context| Ok(eval(context, "v.get()")));
        assert_eq!(seen.expect("it is installed"), "1");
    }
}

#[test]
fn hooks_work_without_async_context() {
    let mut context = context();
    let captured = capture(&context);
    let error = captured
        .run(&mut context, |_| Ok(()))
        .expect_err("it is not installed");
    assert!(error.to_string().starts_with("TypeError"), "{error}");
    let code = "let seen = []; Promise.resolve(1).then(x => seen.push(x)); (async () => {
        seen.push(await 2); })();";
    eval(&mut context, code);
    context.run_jobs().expect("jobs run");
    assert_eq!(eval(&mut context, "seen.join()"), "\"1,2\"");
}

/// A job runs the other jobs. Each has its own mapping; the outer job's is restored afterwards.
#[test]
fn jobs_nest() {
    let mut machine = machine();
    let run_jobs = NativeFunction::from_fn_ptr(|_, _, context| {
        context.run_jobs()?;
        Ok(JsValue::undefined())
    });
    let name = js_string!("runJobs");
    machine
        .context()
        .register_global_callable(name, 0, run_jobs)
        .expect("it is new");
    let log = logged(
        &mut machine,
        "
        const v = new Variable();
        v.run('outer', () => Promise.resolve().then(() => {
            v.run('inner', () => Promise.resolve().then(() => log.push(v.get())));
            runJobs();
            log.push(v.get());
        }));
        ",
    );
    assert_eq!(log, "inner outer");
}

#[test]
fn two_contexts_of_a_thread_are_separate() {
    let (mut one, mut two) = (machine(), machine());
    for machine in [&mut one, &mut two] {
        text(
            machine,
            "const v = new Variable(), kept = v.run({ a: 1 }, () => new Snapshot())",
        );
    }
    let captured = captured(&mut machine());
    text(&mut one, "gc()");
    drop(one);
    assert_eq!(text(&mut two, "gc(); kept.run(() => v.get().a)"), "1");
    drop((captured, two));
    boa_gc::force_collect();
}

#[test]
fn realms_share_the_mapping() {
    let mut machine = machine();
    let captured = captured(&mut machine);
    let context = machine.context();
    eval(context, "globalThis.get = () => v.get()");
    let get = eval_value(context, "get");
    let realm = context.create_realm().expect("Boa makes a realm");
    let first = context.enter_realm(realm);
    host_boa::install(context).expect("the global object takes properties");
    let global = context.global_object();
    global
        .set(js_string!("get"), get, true, context)
        .expect("it is new");
    let code = "const w = new AsyncContext.Variable(); w.run(2, () => get() + w.get())";
    let seen = captured.run(context, |context| Ok(eval(context, code)));
    assert_eq!(seen.expect("it is installed"), "3");
    context.enter_realm(first);
    assert_eq!(eval(context, "get()"), "0");
}

/// Boa's recursion limit ends the script, and all mappings are left.
#[test]
fn endless_runs_end_with_an_error() {
    let mut machine = machine();
    text(
        &mut machine,
        "const v = new Variable({ defaultValue: 'default' });",
    );
    let endless = machine.eval(Source::from_bytes(
        "const f = n => v.run(n, f, n + 1); f(0)",
    ));
    let error = endless.expect_err("there is a limit").to_string();
    assert!(error.starts_with("RuntimeLimit"), "{error}");
    assert_eq!(text(&mut machine, "v.get()"), "default");
}

fn binary(args: &[&str]) -> (String, String, i32) {
    let binary = Command::new(env!("CARGO_BIN_EXE_boa-async-context"))
        .args(args)
        .output();
    let output = binary.expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("no signal");
    (text(output.stdout), text(output.stderr), code)
}

#[test]
fn the_binary_runs_scripts_and_reports_errors() {
    let code =
        "const v = new AsyncContext.Variable(); v.run('in', setTimeout, () => print(v.get()), 1)";
    assert_eq!(binary(&["-e", code]), ("in\n".into(), String::new(), 0));

    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/throws.js");
    std::fs::write(file, "print('first');\nnull.x").expect("a temporary file");
    let (out, error, code) = binary(&[file]);
    assert_eq!((&*out, code), ("first\n", 1));
    assert!(error.starts_with("Uncaught TypeError"), "{error}");
    assert!(error.contains("throws.js:2"), "{error}");

    let (_, error, code) = binary(&["-e", "Promise.reject(new RangeError('r'))"]);
    assert!(error.starts_with("Uncaught RangeError: r"), "{error}");
    assert_eq!(code, 1);

    let (_, error, code) = binary(&["no/such/file.js"]);
    assert!(error.starts_with("error: no/such/file.js: "), "{error}");
    assert_eq!(code, 1);
    assert!(binary(&[]).1.starts_with("usage"));
}
