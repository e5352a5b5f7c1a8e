//! Throw-away timing of the hot rows.
use contextvars::{Context, ContextVar, Thread, Value, interpreter};
use std::hint::black_box;
use std::time::Instant;

fn time(name: &str, size: usize, mut f: impl FnMut()) {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if !only.is_empty() && !only.iter().any(|o| name.contains(o.as_str())) { return; }
    let n: usize = std::env::var("N").map_or(5_000, |n| n.parse().unwrap());
    for _ in 0..n { f(); }
    let mut best = f64::MAX;
    for _ in 0..200 {
        let t = Instant::now();
        for _ in 0..n { f(); }
        best = best.min(t.elapsed().as_nanos() as f64 / n as f64);
    }
    println!("{name:>28} {size:>5} {best:8.2}");
}

fn main() {
    let sizes: Vec<usize> = match std::env::var("SIZES") { Ok(s) => s.split(',').map(|s| s.parse().unwrap()).collect(), _ => vec![1, 10, 100, 1000] };
    {
        let a = std::sync::Arc::new(1);
        time("floor: arc clone+drop", 0, || { black_box(a.clone()); });
        time("floor: box", 0, || { black_box(Box::new([0u64; 8])); });
    }
    for counted in [false, true] { if std::env::var("COUNTED").is_ok_and(|c| (c == "1") != counted) { continue; }
        for &size in &sizes {
            let thread = Thread::new(interpreter());
            let context = Context::new();
            let vars: Vec<ContextVar> = (0..size).map(|_| ContextVar::new("v")).collect();
            context.enter_on(&thread).unwrap();
            let v = |i: i64| if counted { Value::from(format!("{i}")) } else { Value::from(i) };
            for (i, var) in vars.iter().enumerate() { var.set_on(&thread, v(i as i64)); }
            let (var, unset) = (&vars[size / 2], ContextVar::new("unset"));
            let value = v(7);
            println!("--- {}", if counted { "counted" } else { "immediate" });
            time("get borrowed", size, || { black_box(black_box(var).with_on(&thread, |v| v.is_some())); });
            time("get owned", size, || { black_box(black_box(var).get_on(&thread)).ok(); });
            time("get unset default", size, || { black_box(black_box(&unset).get_or_on(&thread, 1)); });
            let other = Context::new();
            // misses: alternate two vars in the same slot, or switch
            if size >= 64 {
                let mut i = 0;
                time("get miss (18 vars)", size, || { black_box(vars[i * 16].with_on(&thread, |v| v.is_some())); i = if i + 1 == size / 16 {0} else {i + 1}; });
            }
            let _ = &other;
            time("set", size, || { black_box(var).set_on(&thread, value.clone()); });
            let mut i = 0;
            time("set round robin", size, || { vars[i].set_on(&thread, value.clone()); i = if i + 1 == size {0} else {i + 1}; });
            time("set reset", size, || { let t = black_box(var).set_on(&thread, value.clone()); var.reset_on(&thread, &t).unwrap(); });
            time("scoped", size, || { black_box(var).scoped_on(&thread, value.clone(), || ()).unwrap(); });
            time("copy drop", size, || { black_box(contextvars::copy_current(&thread)); });
            let copy = contextvars::copy_current(&thread);
            time("enter exit", size, || { black_box(&copy).enter_on(&thread).unwrap(); copy.exit_on(&thread).unwrap(); });
            time("run", size, || { black_box(&copy).run_on(&thread, || ()).unwrap(); });
            time("copy run", size, || { contextvars::copy_current(&thread).run_on(&thread, || ()).unwrap(); });
            time("copy run_mut", size, || { contextvars::copy_current(&thread).run_mut_on(&thread, || ()).unwrap(); });
            { let mut own = contextvars::copy_current(&thread); time("run_mut", size, || { own.run_mut_on(&thread, || ()).unwrap(); }); }
            time("step mut", size, || {
                contextvars::copy_current(&thread).run_mut_on(&thread, || {
                    black_box(var.with_on(&thread, |v| v.is_some()));
                    var.set_on(&thread, value.clone());
                }).unwrap();
            });
            time("step: copy run get set", size, || {
                contextvars::copy_current(&thread).run_on(&thread, || {
                    black_box(var.with_on(&thread, |v| v.is_some()));
                    var.set_on(&thread, value.clone());
                }).unwrap();
            });
            time("copy set alternating", size, || { let c = contextvars::copy_current(&thread); var.set_on(&thread, value.clone()); drop(c); });
            time("ctx[var]", size, || { black_box(copy.get(black_box(var))); });
            time("var create drop", size, || { black_box(ContextVar::new("name")); });
            time("tls copy", size, || { black_box(contextvars::copy_context()); });time("tls get borrowed", size, || { black_box(black_box(&unset).with(|v| v.is_some())); });
            drop(copy);
            context.exit_on(&thread).unwrap();
        }
    }
}
