//! Values whose number is tracked, and that call back.

use crate::callback::call_back;
use crate::failure::fail;
use contextvars::Value;
use pyobj::std_host::{Object, ObjectRef, Result, Type};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Returns the number of live values.
pub fn live() -> usize {
    LIVE.load(Ordering::SeqCst)
}

/// A value that records its context.
pub struct Tracked {
    /// The id of the context that binds it.
    pub owner: u64,
    /// Its number among the context's values.
    pub number: u64,
    calls_back: bool,
}

impl Tracked {
    /// Creates a value whose drop, equality and repr call back.
    pub fn calling_back(owner: u64, number: u64) -> Value {
        Self::make(owner, number, true)
    }

    /// Creates a value that does not call back.
    pub fn quiet(owner: u64, number: u64) -> Value {
        Self::make(owner, number, false)
    }

    /// Creates a value that calls back with a probability of 1/8.
    pub fn some(owner: u64, number: u64) -> Value {
        Self::make(owner, number, fastrand::u8(..8) == 0)
    }

    fn make(owner: u64, number: u64, calls_back: bool) -> Value {
        LIVE.fetch_add(1, Ordering::SeqCst);
        Value::object(Tracked {
            owner,
            number,
            calls_back,
        })
    }

    /// Returns the tracked value in a `Value`.
    pub fn of(value: &Value) -> &Tracked {
        match value.downcast_ref() {
            Some(tracked) => tracked,
            None => fail("a value of another type than was set".into()),
        }
    }

    fn called(&self) {
        if self.calls_back {
            call_back();
        }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
        self.called();
    }
}

impl Object for Tracked {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Tracked").build());
        &CLASS
    }

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        self.called();
        Ok(format!("{} of {}", self.number, self.owner))
    }

    fn eq(&self, _: &ObjectRef, other: &Value) -> Result {
        self.called();
        let same = other
            .downcast_ref::<Tracked>()
            .is_some_and(|other| (self.owner, self.number) == (other.owner, other.number));
        Ok(Value::from(same))
    }
}
