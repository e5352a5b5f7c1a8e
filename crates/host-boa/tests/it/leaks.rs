//! Cycles through mappings are collected, and reachable objects stay.

use crate::{log, logged, machine, text};

/// Runs `leaks.js`, with its output logged instead of printed.
#[test]
fn no_shape_leaks() {
    let shapes = include_str!("../leaks.js").replace("print(", "log.push(");
    let mut machine = machine();
    text(&mut machine, &shapes);
    let log = text(&mut machine, "log.join('\\n')");
    let leaks: Vec<&str> = log
        .lines()
        .filter(|line| !line.starts_with("0 of 100 "))
        .collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    assert_eq!(log.lines().count(), 14);
}

/// Mappings that only native code holds stay alive: those of running calls, of timers and of jobs.
#[test]
fn native_holders_keep_values() {
    let log = log("
        const v = new Variable(), w = new Variable();
        const value = () => ({ name: 'value', inner: { name: 'inner' } });
        const see = () => v.get() ? v.get().name + '.' + v.get().inner.name : 'nothing';
        const churn = () => { for (let i = 0; i < 100; i++) ({ i }); gc(); };
        // A running call with nested ones; nothing else holds the value.
        v.run(value(), () => {
            churn();
            log.push(see());
            w.run({}, () => { churn(); log.push(see()) });
        });
        // A dead snapshot and a running call share their mapping.
        v.run(value(), () => {
            v.get().inner.snapshot = new Snapshot();
            v.get().inner.other = new Snapshot();
            churn();
            log.push(see());
        });
        // A timer, and a dead snapshot that shares its mapping.
        v.run(value(), () => {
            v.get().inner.snapshot = new Snapshot();
            setTimeout(() => { churn(); log.push(see()) }, 3);
            setTimeout(churn, 1);
        });
        // A job in the queue.
        v.run(value(), () => Promise.resolve().then(() => { churn(); log.push(see()) }));
        churn();
    ");
    assert_eq!(log, ["value.inner"; 5].join(" "));
}

/// In each of several collections the only snapshot is dead and shares its mapping with a running
/// timer. Visits in one collection must not count in the next.
#[test]
fn visits_do_not_count_in_the_next_collection() {
    let log = log("
        const v = new Variable();
        const drop = () => { new Snapshot() };
        const later = () => {
            for (let i = 0; i < 5; i++) { drop(); gc(); }
            for (let i = 0; i < 100; i++) ({ i });
            log.push(v.get().name);
        };
        v.run({ name: 'value' }, setTimeout, later, 1);
    ");
    assert_eq!(log, "value");
}

/// A live snapshot keeps the values of a mapping that it shares with a dead one; once it is dropped,
/// nothing does. The dead one may be visited first or last.
#[test]
fn a_live_holder_keeps_what_it_shares_with_a_dead_one() {
    let log = log("
        const v = new Variable(), w = new Variable();
        let refs = [], live = [];
        for (let i = 0; i < 20; i++) (() => {
            const value = { i };
            refs.push(new WeakRef(value));
            v.run(value, () => {
                const dead = () => { value['s' + Math.random()] = new Snapshot() };
                if (i % 2) dead();
                live.push(w.run({}, () => new Snapshot()));
                if (i % 3) dead();
            });
        })();
        const alive = () => refs.filter(ref => ref.deref()).length;
        const right = () => live.filter((s, i) => s.run(() => v.get().i) === i).length;
        // The target of a WeakRef that was read stays until the jobs of its round are done.
        const round = () => new Promise(resolve => setTimeout(resolve, 1));
        (async () => {
            await round(); gc(); log.push(alive(), right());
            live = live.slice(0, 5);
            await round(); gc(); log.push(alive(), right());
            live = [];
            await round(); gc(); log.push(alive());
        })();
    ");
    assert_eq!(log, "20 20 5 5 0");
}

/// A thousand random operations for each of four seeds. After each collection exactly the reachable
/// values are alive and every read is right; at the end none is left.
#[test]
fn random_heaps_keep_exactly_what_is_reachable() {
    for seed in 1..=4 {
        let mut machine = machine();
        text(&mut machine, &format!("let seed = {seed};"));
        let log = logged(&mut machine, RANDOM);
        assert_eq!(log, "collections:20 wrong:0 left:0", "seed {seed}");
    }
}

const RANDOM: &str = "
    const random = n => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return Math.floor(seed / 65536) % n;
    };
    let variables = Array.from({ length: 40 }, () => new Variable());
    // A holder captures a mapping and has the expected numbers of the values in it.
    let pool = [], wrong = 0, collections = 0;
    const refs = [];
    const capture = expected => {
        const kinds = [
            () => { const s = new Snapshot(); return f => s.run(f) },
            () => Snapshot.wrap(f => f()),
            () => { const s = new Snapshot(), t = new Snapshot(); return f => s.run(() => t.run(f)) },
        ];
        return { call: kinds[random(3)](), expected };
    };
    const make = () => {
        const value = { refs: [], number: refs.length };
        refs.push(new WeakRef(value));
        return value;
    };
    const empty = () => capture({});
    for (let i = 0; i < 5; i++) pool.push(empty());
    const step = () => {
        const i = random(5);
        switch (random(8)) {
            case 0: case 1: case 2: case 3: {
                const value = make(), key = random(40), held = random(3);
                for (let n = 0; n < held; n++) value.refs.push(pool[random(5)]);
                pool[i].call(() => variables[key].run(value, () => {
                    const holder = capture({ ...pool[i].expected, [key]: value.number });
                    if (random(2)) value.refs.push(holder);
                    if (random(4) === 0) {
                        // An `await` and a `then` on the promise capture the same mapping.
                        value.refs.push(holder);
                        value.promise = new Promise(() => {});
                        (async () => { await value.promise })();
                        value.promise.then(() => value);
                    }
                    pool[i] = holder;
                }));
                break;
            }
            case 4: case 5: {
                const other = pool[random(5)];
                other.call(() => { pool[i] = capture(other.expected) });
                break;
            }
            case 6: pool[i] = empty(); break;
            case 7: pool[i].call(() => gc()); break;
        }
    };
    const read = ({ call, expected }) => call(() => {
        const found = {};
        variables.forEach((variable, key) => {
            const value = variable.get();
            if (value) found[key] = value.number;
        });
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong++;
        return Object.keys(found).map(key => variables[key].get());
    });
    const reachable = () => {
        const seen = new Set(), waiting = [...pool];
        while (waiting.length) {
            const holder = waiting.pop();
            for (const value of read(holder)) {
                if (seen.has(value.number)) continue;
                seen.add(value.number);
                waiting.push(...value.refs);
            }
        }
        return seen;
    };
    const alive = () => {
        const numbers = [];
        refs.forEach((ref, number) => { if (ref.deref()) numbers.push(number) });
        return numbers;
    };
    const check = () => {
        const seen = reachable();
        const found = alive();
        collections++;
        if (found.length !== seen.size || found.some(number => !seen.has(number))) wrong++;
    };
    const round = () => new Promise(resolve => setTimeout(resolve, 0));
    (async () => {
        await round();
        for (let n = 0; n < 20; n++) {
            for (let i = 0; i < 50; i++) step();
            await round();
            gc();
            check();
            await round();
        }
        pool = [];
        await round();
        gc();
        log.push('collections:' + collections, 'wrong:' + wrong, 'left:' + alive().length);
    })();
";
