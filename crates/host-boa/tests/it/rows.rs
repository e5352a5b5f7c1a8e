//! One test for each rule of the proposal; the README's table names them. The last test shows what
//! happens for a rule that does not hold, since Boa has no hook for it.

use crate::{log, logged, machine, with_prelude};
use boa_engine::Source;
use boa_engine::context::ContextBuilder;
use boa_engine::module::{MapModuleLoader, Module};
use host_boa::script::Machine;
use std::rc::Rc;

#[test]
fn namespace() {
    let log = log("
        const tag = object => JSON.stringify(
            Object.getOwnPropertyDescriptor(object, Symbol.toStringTag)).replaceAll('\"', '');
        const flags = (object, key) => {
            const { writable, enumerable, configurable } =
                Object.getOwnPropertyDescriptor(object, key);
            return [writable, enumerable, configurable].map(Number).join('');
        };
        log.push(typeof AsyncContext, thrown(() => AsyncContext()), thrown(() => new AsyncContext()));
        log.push(Object.getPrototypeOf(AsyncContext) === Object.prototype);
        for (const object of [AsyncContext, Variable.prototype, Snapshot.prototype])
            log.push(object[Symbol.toStringTag], flags(object, Symbol.toStringTag));
        log.push(flags(globalThis, 'AsyncContext'), flags(AsyncContext, 'Variable'),
            flags(AsyncContext, 'Snapshot'), flags(Variable, 'prototype'),
            flags(Variable.prototype, 'get'));
        log.push(Variable.name, Variable.length, Snapshot.name, Snapshot.length);
        const { get, run } = Variable.prototype;
        log.push(get.length, run.length, Snapshot.prototype.run.length, Snapshot.wrap.length);
    ");
    assert_eq!(
        log,
        "object TypeError TypeError true \
         AsyncContext 001 AsyncContext.Variable 001 AsyncContext.Snapshot 001 \
         101 101 101 000 101 \
         Variable 0 Snapshot 0 0 2 1 1"
    );
}

#[test]
fn variable_constructor() {
    let log = log("
        log.push(thrown(() => Variable()));
        for (const options of [undefined, null, 1, 'name'])
            log.push(JSON.stringify(new Variable(options).name), new Variable(options).get());
        log.push(new Variable({ name: 12 }).name, new Variable({ name: undefined }).name);
        log.push(thrown(() => new Variable({ name: Symbol() })));
        log.push(new Variable({ defaultValue: 7 }).get());
        new Variable(new Proxy({ name: 'n', defaultValue: 1 }, {
            has(target, key) { log.push('has', key); return key in target },
            get(target, key) { log.push('get', key); return target[key] },
        }));
        class Sub extends Variable { twice() { return 2 * this.get() } }
        const sub = new Sub({ defaultValue: 4 });
        log.push(sub.twice(), sub instanceof Sub, sub instanceof Variable);
        const odd = Reflect.construct(Variable, [], Object.assign(function () {}, { prototype: 1 }));
        log.push(Object.getPrototypeOf(odd) === Variable.prototype);
    ");
    assert_eq!(
        log,
        "TypeError \"\" undefined \"\" undefined \"\" undefined \"\" undefined 12 undefined \
         TypeError 7 has name get name get defaultValue 8 true true true"
    );
}

#[test]
fn variable_name() {
    let log = log("
        'use strict';
        const { get, set, enumerable, configurable } =
            Object.getOwnPropertyDescriptor(Variable.prototype, 'name');
        log.push(get.name.replace(' ', '_'), set, enumerable, configurable);
        const v = new Variable({ name: 'v' });
        log.push(thrown(() => { v.name = 1 }), v.name);
    ");
    assert_eq!(log, "get_name undefined false true TypeError v");
}

#[test]
fn variable_get() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        log.push(v.get());
        v.run(undefined, () => log.push(v.get()));
        v.run('outer', () => {
            v.run('inner', () => log.push(v.get()));
            log.push(v.get());
        });
        log.push(v.get(), new Variable().get());
    ");
    assert_eq!(log, "default undefined inner outer default undefined");
}

#[test]
fn variable_run() {
    let log = log("
        const v = new Variable(), w = new Variable();
        v.run(1, function (a, b) { 'use strict'; log.push(this, a, b, arguments.length) }, 2, 3);
        w.run('w', () => v.run('v', () => log.push(w.get(), v.get())));
        try { v.run(1, () => { throw v.get() }) } catch (e) { log.push(e, v.get()) }
        log.push(thrown(() => v.run(1)), thrown(() => v.run(1, {})), v.get());
        log.push(v.run(1, () => 'result'));
    ");
    assert_eq!(
        log,
        "undefined 2 3 2 w v 1 undefined TypeError TypeError undefined result"
    );
}

#[test]
fn receivers() {
    let log = log("
        const v = new Variable(), s = new Snapshot();
        const name = Object.getOwnPropertyDescriptor(Variable.prototype, 'name').get;
        const f = () => log.push('called');
        for (const other of [undefined, 1, {}, Variable.prototype, s]) {
            log.push(thrown(() => v.get.call(other)), thrown(() => name.call(other)));
            log.push(thrown(() => v.run.call(other, 1, f)));
        }
        for (const other of [undefined, 1, {}, Snapshot.prototype, v])
            log.push(thrown(() => s.run.call(other, f)));
    ");
    assert_eq!(log, ["TypeError"; 20].join(" "));
}

#[test]
fn snapshot() {
    let log = log("
        const v = new Variable();
        log.push(thrown(() => Snapshot()));
        const [empty, one] = [new Snapshot(), v.run(1, () => new Snapshot())];
        v.run(2, () => {
            log.push(one.run(() => v.get()), empty.run(() => String(v.get())), v.get());
            // Entered in itself, and nested in others.
            one.run(() => one.run(() => empty.run(() => one.run(() => log.push(v.get())))));
        });
        one.run(function (a, b) { 'use strict'; log.push(this === undefined, a, b) }, 'a', 'b');
        try { one.run(() => { throw 'thrown' }) } catch (e) { log.push(e, v.get() === undefined) }
        log.push(thrown(() => one.run()), one.run(() => 'result'));
        class Sub extends Snapshot { both() { return this.run(() => v.get() + 1) } }
        log.push(v.run(5, () => new Sub()).both());
    ");
    assert_eq!(
        log,
        "TypeError 1 undefined 2 1 true a b thrown true TypeError result 6"
    );
}

#[test]
fn snapshot_wrap() {
    let log = log("
        'use strict';
        const v = new Variable();
        for (const other of [undefined, 1, {}]) log.push(thrown(() => Snapshot.wrap(other)));
        function f(a, b) { return [this, a, b, v.get()].join() }
        const wrapped = v.run(1, () => Snapshot.wrap(f));
        log.push(v.run(2, () => wrapped.call('this', 'a', 'b')));
        log.push(wrapped.name.replace(' ', '_'), wrapped.length, thrown(() => new wrapped()));
        const of = (key, value) => {
            const f = () => {};
            Object.defineProperty(f, key, { value });
            return String(Snapshot.wrap(f)[key]);
        };
        log.push(of('length', Infinity), of('length', -Infinity), of('length', -3),
            of('length', 2.7), of('length', '5'), JSON.stringify(of('name', 12)));
        const nameless = () => {};
        delete nameless.length;
        delete nameless.name;
        log.push(Snapshot.wrap(nameless).length);
        const flags = ({ writable, enumerable, configurable }) =>
            [writable, enumerable, configurable].map(Number).join('');
        log.push(flags(Object.getOwnPropertyDescriptor(wrapped, 'name')),
            flags(Object.getOwnPropertyDescriptor(wrapped, 'length')));
        log.push(Object.getOwnPropertyNames(wrapped));
    ");
    assert_eq!(
        log,
        "TypeError TypeError TypeError this,a,b,1 wrapped_f 2 TypeError \
         Infinity 0 0 2 0 \"wrapped \" 0 001 001 length,name"
    );
}

#[test]
fn promise_reactions() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        const see = what => () => { log.push(what + ':' + v.get()) };
        let settle = {};
        const [done, failed] = v.run('made', () => [
            new Promise(resolve => { settle.resolve = resolve }),
            new Promise((_, reject) => { settle.reject = reject }),
        ]);
        v.run('then', () => done.then(see('a'), see('not')));
        v.run('then2', () => failed.then(see('not'), see('b')));
        v.run('catch', () => failed.catch(see('c')));
        v.run('finally', () => done.finally(see('d')));
        v.run('settled', () => { settle.resolve(); settle.reject() });
        v.run('late', () => done.then(see('e')));
        done.then(see('f'));
        // Both `then`s are called outside of the run, so both handlers see the default.
        v.run('first', () => Promise.resolve()).then(see('g')).then(see('h'));
        v.run('throws', () => Promise.resolve().then(() => { throw v.get() })).catch(
            e => log.push('i:' + e + v.get()));
        log.push(v.get());
    ");
    assert_eq!(
        log,
        "default a:then d:finally b:then2 c:catch e:late f:default g:default h:default \
         i:throwsdefault"
    );
}

/// The derived promise is resolved in the mapping of the handler: the thenable's `then` is read
/// and called in it.
#[test]
fn derived_promises() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        v.run('then', () => Promise.resolve().then(() => ({
            get then() { log.push('read:' + v.get()); return f => { log.push('called:' + v.get()); f() } },
        })));
        Promise.resolve().then(() => log.push('after:' + v.get()));
    ");
    assert_eq!(log, "read:then after:default called:then");
}

#[test]
fn awaits() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        const elsewhere = v.run('elsewhere', () => Promise.resolve('value'));
        v.run('a', async () => {
            log.push(await elsewhere, v.get());
            await v.run('b', async () => { await null; log.push(v.get()); });
            try { await v.run('c', () => Promise.reject('reason')) } catch (e) { log.push(e, v.get()) }
            for await (const x of [1, 2]) log.push(x, v.get());
            await new Promise(resolve => v.run('d', () => setTimeout(resolve, 1)));
            log.push(v.get());
        }).then(() => log.push(v.get()));
        log.push(v.get());
    ");
    assert_eq!(log, "default value a b reason a 1 a 2 a a default");
}

#[test]
fn thenables() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        const thenable = { then(resolve) { log.push('then:' + v.get()); resolve() } };
        let resolve;
        const promise = v.run('made', () => new Promise(f => { resolve = f }));
        v.run('resolved', () => resolve(thenable));
        v.run('await', async () => { await thenable; log.push('after:' + v.get()) });
    ");
    assert_eq!(log, "then:resolved then:await after:await");
}

#[test]
fn timers() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        v.run('a', () => setTimeout(x => log.push(x, v.get()), 2, 'second'));
        v.run('b', () => setTimeout(x => log.push(x, v.get()), 1, 'first'));
        log.push(v.get());
    ");
    assert_eq!(log, "default first b second a");
}

#[test]
fn unhandled_rejections() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        globalThis.onunhandledrejection = reason => log.push(reason, v.get());
        v.run('rejected', () => { Promise.reject('reason') });
        const caught = v.run('caught', () => Promise.reject('caught'));
        caught.catch(() => {});
        v.run('then', () => Promise.resolve().then(() => { throw 'thrown' }));
    ");
    assert_eq!(log, "reason rejected thrown then");
}

#[test]
fn finalization_registry() {
    let mut machine = machine();
    let log = logged(
        &mut machine,
        "
        const v = new Variable({ defaultValue: 'default' });
        const registry = v.run('made', () => new FinalizationRegistry(
            held => log.push(held, v.get())));
        v.run('registered', () => registry.register({}, 'held'));
        setTimeout(() => v.run('collected', gc), 1);
        setTimeout(() => 0, 30);
    ",
    );
    assert_eq!(log, "held made");
}

/// Modules that are imported, and modules that the embedder evaluates.
#[test]
fn modules() {
    let loader = Rc::new(MapModuleLoader::new());
    let builder = ContextBuilder::new().module_loader(Rc::clone(&loader));
    let mut machine = with_prelude(Machine::new(builder).expect("Boa starts"));
    let mut module = |code: &str| {
        let module = Module::parse(Source::from_bytes(code), None, machine.context());
        module.expect("the module is right")
    };
    let code = "import 'inner'; log.push('imported:' + v.get());";
    loader.insert("imported", module(code));
    loader.insert("inner", module("await null; log.push('inner:' + v.get());"));
    let main = module("log.push('main:' + v.get());");
    let log = logged(
        &mut machine,
        "
        globalThis.v = new Variable({ defaultValue: 'empty' });
        v.run('import', () => import('imported').then(() => log.push('then:' + v.get())));
    ",
    );
    assert_eq!(log, "inner:empty imported:empty then:import");
    drop(main.load_link_evaluate(machine.context()));
    let log = logged(&mut machine, "");
    assert!(log.ends_with("main:empty"), "{log}");
}

/// A generator has no mapping of its own: each resumption runs in the mapping of the call of `next`.
/// So does each part of an async generator between two `await`s.
#[test]
fn generators_run_in_the_callers_mapping() {
    let log = log("
        const v = new Variable({ defaultValue: 'default' });
        function* generate() { for (;;) yield v.get() }
        async function* generateLater() { for (;;) { await null; yield v.get() } }
        const generator = v.run('made', generate), later = v.run('made', generateLater);
        log.push(generator.next().value, v.run('next', () => generator.next().value));
        v.run('next', async () => log.push((await later.next()).value));
    ");
    assert_eq!(log, "default next next");
}
