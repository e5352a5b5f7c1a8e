//! Every point at which code of a host or user can run, with every action that such
//! code may perform there, and every way in which it can end.
//!
//! `points` lists where such code is called, `actions` its operations. It then returns,
//! panics or fails. Afterwards everything must be valid: no context stays entered, every
//! binding can be read, changed and restored, and no value is left when all handles are
//! dropped.

mod actions;
mod hook;
mod points;

use crate::values::{Counted, int};
use actions::ACTIONS;
use contextvars::{Context, ContextVar, Exception, copy_context};
use hook::{Hook, PURPOSE};
use points::{POINTS, Point};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The way in which the called code ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Returns,
    Panics,
    Fails,
}

/// The objects that points and actions use.
#[derive(Clone)]
pub struct World {
    /// The context in which points are reached. It binds `var` to 1.
    context: Context,
    /// A variable with the default 0.
    var: ContextVar,
    /// The only handle of a context that binds a counted value.
    last: Arc<Mutex<Option<Context>>>,
    /// Contexts that actions have created, to be checked afterwards.
    kept: Arc<Mutex<Vec<Context>>>,
    /// The number of live counted values.
    live: Arc<AtomicUsize>,
}

impl World {
    fn new() -> Self {
        let live = Arc::default();
        let var = ContextVar::with_default("v", 0);
        let (context, last) = (Context::new(), Context::new());
        context.run(|| drop(var.set(1))).unwrap();
        last.run(|| drop(var.set(Counted::value(&live)))).unwrap();
        World {
            context,
            var,
            last: Arc::new(Mutex::new(Some(last))),
            kept: Arc::default(),
            live,
        }
    }

    /// Panics unless all objects can still be used.
    fn check(&self) {
        assert!(!self.context.is_entered(), "it was left");
        assert_eq!(copy_context().len(), 0, "nothing is entered");
        assert_eq!(int(self.var.get().unwrap()), 0, "nothing is bound outside");
        let kept = self.kept.lock().unwrap().clone();
        for context in kept.iter().chain([&self.context]) {
            let bound = context.get(&self.var);
            assert_eq!(context.len(), context.iter().count());
            assert_eq!(context.contains(&self.var), bound.is_some());
            let seen = context.run(|| {
                let token = self.var.set(-1);
                assert_eq!(int(self.var.get().unwrap()), -1);
                self.var.reset(&token).unwrap();
                self.var.get().unwrap()
            });
            let before = bound.unwrap_or_else(|| 0.into());
            assert!(seen.unwrap().is(&before), "reset restores the value");
        }
    }

    /// Reaches a point whose code ends as `end`. Panics unless the outcome is the expected one.
    fn visit(&self, point: &Point, hook: &Hook, end: End) {
        let outcome = catch_unwind(AssertUnwindSafe(|| (point.reach)(self, hook)));
        assert_eq!(hook.calls(), 1, "the point calls the hook");
        match (end, outcome) {
            (End::Returns, Ok(Ok(()))) => {}
            (End::Panics, Err(panic)) => assert_eq!(text(&*panic), Some(PURPOSE)),
            (End::Fails, Ok(Err(failure))) => assert_eq!(message(&failure), PURPOSE),
            (_, Ok(outcome)) => panic!("{outcome:?}"),
            (_, Err(panic)) => panic!("{:?}", text(&*panic)),
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> Option<&str> {
    panic.downcast_ref::<&str>().copied()
}

fn message(failure: &Exception) -> String {
    let line = failure.to_string();
    line.split_once(": ")
        .map_or(line.clone(), |(_, text)| text.to_owned())
}

#[test]
fn every_point_allows_every_action_and_every_end() {
    let mut cells = 0;
    for point in POINTS {
        for action in ACTIONS {
            for end in point.ends {
                cells += 1;
                if cfg!(miri) && cells % 9 != 0 {
                    continue;
                }
                let case = format!("{}, {}, {end:?}", point.name, action.name);
                let world = World::new();
                let hook = Hook::new(world.clone(), action.act, *end);
                let result = catch_unwind(AssertUnwindSafe(|| {
                    world.visit(point, &hook, *end);
                    world.check();
                }));
                assert!(result.is_ok(), "{case}");
                let live = Arc::clone(&world.live);
                hook.end();
                world.kept.lock().unwrap().clear();
                world.last.lock().unwrap().take();
                drop((hook, world));
                assert_eq!(live.load(Ordering::SeqCst), 0, "values are left: {case}");
            }
        }
    }
    let ends: usize = POINTS.iter().map(|point| point.ends.len()).sum();
    assert_eq!(cells, ends * ACTIONS.len());
}
