// Creates objects that refer to each other through mappings, in several shapes. Prints how many of
// each stay after a collection: `0 of 100  two snapshots`. Needs `gc()`, as `boa-async-context` has.
{
    const { Variable, Snapshot } = AsyncContext;
    const v = new Variable(), w = new Variable();
    const pending = () => new Promise(() => {});
    const nothing = () => {};
    const shapes = {
        one_snapshot(value) { v.run(value, () => { value.a = new Snapshot() }) },
        two_snapshots(value) {
            v.run(value, () => { value.a = new Snapshot(); value.b = new Snapshot() });
        },
        outer_and_nested_run(value) {
            v.run(value, () => {
                value.a = new Snapshot();
                w.run({}, () => { value.b = new Snapshot() });
            });
        },
        same_variable_nested(value) {
            v.run(value, () => {
                value.a = new Snapshot();
                v.run({ value }, () => { value.b = new Snapshot() });
            });
        },
        twenty_versions(value) {
            value.all = [];
            const nest = n => {
                value.all.push(new Snapshot(), new Snapshot());
                if (n) new Variable().run(value, nest, n - 1);
            };
            nest(20);
        },
        two_pending_thens(value) {
            value.promise = pending();
            v.run(value, () => {
                value.promise.then(nothing, nothing);
                value.promise.then(nothing, nothing);
            });
        },
        two_pending_awaits(value) {
            value.promise = pending();
            const wait = async () => { await value.promise; };
            v.run(value, () => { wait(); wait() });
        },
        thenable_never_settled(value) {
            v.run(value, () => { value.promise = Promise.resolve({ then() {} }) });
        },
        wrapped_functions(value) {
            v.run(value, () => {
                value.a = Snapshot.wrap(nothing);
                value.b = Snapshot.wrap(() => value);
            });
        },
        variable_on_its_value(value) {
            value.variable = new Variable();
            value.variable.run(value, () => { value.a = new Snapshot() });
        },
        default_with_its_variable(value) {
            value.variable = new Variable({ defaultValue: value });
        },
        registry_on_the_value(value) {
            v.run(value, () => { value.a = new FinalizationRegistry(nothing) });
            v.run(value, () => { value.b = new FinalizationRegistry(nothing) });
        },
        suspended_async_generators(value) {
            async function* generate() { await value.promise; yield value; }
            value.promise = pending();
            v.run(value, () => { for (let i = 0; i < 2; i++) generate().next() });
            v.run(value, () => { value.a = generate(); value.b = generate() });
        },
        after_a_timer(value) {
            v.run(value, () => { value.a = new Snapshot(); setTimeout(() => value, 0) });
        },
    };
    const made = {};
    for (const [name, shape] of Object.entries(shapes)) {
        made[name] = [];
        for (let i = 0; i < 100; i++) {
            (() => {
                const value = {};
                made[name].push(new WeakRef(value));
                shape(value);
            })();
        }
}
    // The target of a new `WeakRef` stays until the jobs of its round have run.
    setTimeout(() => {
        gc();
        for (const [name, refs] of Object.entries(made)) {
            const alive = refs.filter(ref => ref.deref()).length;
            print(`${alive} of ${refs.length}  ${name.replaceAll("_", " ")}`);
        }
    }, 20);
}
