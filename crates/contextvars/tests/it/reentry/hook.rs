//! The code that a point calls.

use super::{End, World};
use contextvars::{Exception, Value};
use pyobj::ExceptionKind::ValueError;
use pyobj::std_host::{Arguments, Object, ObjectRef, Result, Type};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

/// The text of its panic or failure. The panic does not call the panic hook.
pub const PURPOSE: &str = "on purpose";

/// A hook, which acts only on its first call. A clone is the same hook.
#[derive(Clone)]
pub struct Hook(Arc<Inner>);

struct Inner {
    /// The objects that it uses, until its end.
    world: Mutex<Option<World>>,
    act: fn(&World),
    end: End,
    calls: AtomicUsize,
}

impl Hook {
    pub fn new(world: World, act: fn(&World), end: End) -> Self {
        Hook(Arc::new(Inner {
            world: Mutex::new(Some(world)),
            act,
            end,
            calls: AtomicUsize::new(0),
        }))
    }

    /// Returns 1 if it has acted, and else 0.
    pub fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    /// Drops the world.
    pub fn end(&self) {
        self.0.world.lock().unwrap().take();
    }

    pub fn call(&self) -> Result<()> {
        if self.0.calls.swap(1, Ordering::SeqCst) != 0 {
            return Ok(());
        }
        let world = self.0.world.lock().unwrap().clone();
        if let Some(world) = world {
            (self.0.act)(&world);
        }
        match self.0.end {
            End::Returns => Ok(()),
            End::Fails => Err(Exception::text(ValueError, PURPOSE)),
            End::Panics => resume_unwind(Box::new(PURPOSE)),
        }
    }
}

/// An object that calls a hook when it is dropped.
pub struct Dropped(pub Hook);

impl Drop for Dropped {
    fn drop(&mut self) {
        // `DROP` excludes failures: a drop cannot return one.
        let _ = self.0.call();
    }
}

impl Object for Dropped {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Dropped").build());
        &CLASS
    }
}

/// An object that calls a hook for `==`, `repr` and `hash`, and when it is called. It is
/// a `str`, so that it can be a variable's name.
pub struct Asked(pub Hook);

impl Object for Asked {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Asked").build());
        &CLASS
    }

    fn eq(&self, _: &ObjectRef, _: &Value) -> Result {
        self.0.call().map(|()| true.into())
    }

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        self.0.call().map(|()| "asked".to_owned())
    }

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        self.0.call().map(|()| 1)
    }

    fn call(&self, _: &ObjectRef, _: Arguments) -> Result {
        self.0.call().map(|()| Value::None)
    }

    fn as_str(&self) -> Option<&str> {
        Some("name")
    }
}
