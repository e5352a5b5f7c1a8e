//! A host that passes `&Machine` to each operation. Its objects stay on one thread.

use super::{User, print, same};
use pyobj::{Argument, DirectHandle, ExceptionKind, Failure, Handle, Host, Unallocated};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

pub struct VmReference;

/// The virtual machine, which owns its `None` and its reports.
pub struct Machine {
    none: Value,
    pub reports: RefCell<Vec<String>>,
}

/// Any Rust value is an object.
pub type Value = Rc<dyn Any>;

pub struct Error {
    pub kind: ExceptionKind,
    pub argument: Value,
}

pub type Result<T = Value, E = Error> = std::result::Result<T, E>;

pub type Function = Box<dyn Fn(&Machine, &[Value]) -> Result>;

impl Default for Machine {
    fn default() -> Self {
        Machine {
            none: Rc::new(()),
            reports: RefCell::default(),
        }
    }
}

impl Machine {
    fn answer<T>(&self, answer: std::result::Result<T, &str>) -> Result<T> {
        answer.map_err(|text| {
            VmReference::raise(self, Failure::text(ExceptionKind::ValueError, text))
        })
    }
}

impl Host for VmReference {
    type Vm<'a> = &'a Machine;
    type Value = Value;
    type Error = Error;
    type Args<'a> = &'a [Value];

    fn clone_value(_vm: &Machine, value: &Value) -> Value {
        value.clone()
    }

    fn is(a: &Value, b: &Value) -> bool {
        Rc::ptr_eq(a, b)
    }

    fn address(value: &Value) -> usize {
        Rc::as_ptr(value).addr()
    }

    fn none(vm: &Machine) -> Value {
        vm.none.clone()
    }

    fn is_str(_vm: &Machine, value: &Value) -> bool {
        value.is::<String>()
    }

    fn repr(vm: &Machine, value: &Value) -> Result<String> {
        if let Some(user) = value.downcast_ref::<User>() {
            return vm.answer(user.repr).map(str::to_owned);
        }
        Ok(print(&**value)
            .unwrap_or_else(|| format!("<object at {:#x}>", VmReference::address(value))))
    }

    fn hash(vm: &Machine, value: &Value) -> Result<i64> {
        match value.downcast_ref::<User>() {
            Some(user) => vm.answer(user.hash),
            None => Ok(VmReference::address(value) as i64),
        }
    }

    fn eq(vm: &Machine, left: &Value, right: &Value) -> Result<bool> {
        if let Some(user) = left.downcast_ref::<User>().or(right.downcast_ref()) {
            return vm.answer(user.eq);
        }
        Ok(same(&**left, &**right) || Rc::ptr_eq(left, right))
    }

    fn call(vm: &Machine, callable: &Value, args: &[Value]) -> Result {
        match callable.downcast_ref::<Function>() {
            Some(function) => function(vm, args),
            None => Err(VmReference::raise(
                vm,
                Failure::text(ExceptionKind::TypeError, "not callable"),
            )),
        }
    }

    fn raise(_vm: &Machine, failure: Failure<Self>) -> Error {
        let kind = failure.kind;
        let argument = match failure.argument {
            Argument::Text(text) => Rc::new(text),
            Argument::Object(object) => object,
        };
        Error { kind, argument }
    }

    fn unraisable(vm: &Machine, _error: Error, message: &str) {
        vm.reports.borrow_mut().push(message.to_owned());
    }
}

pub struct Ref<P>(Rc<P>);

impl<P: 'static> Handle<VmReference> for Ref<P> {
    type Payload = P;

    fn allocate(_vm: &Machine, payload: P) -> Result<Self, Unallocated<VmReference, P>> {
        Ok(Ref(Rc::new(payload)))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        f(&self.0)
    }

    fn clone_in(&self, _vm: &Machine) -> Self {
        Ref(self.0.clone())
    }

    fn to_value(&self, _vm: &Machine) -> Value {
        self.0.clone()
    }

    fn from_value(_vm: &Machine, value: &Value) -> Option<Self> {
        value.clone().downcast().ok().map(Ref)
    }
}

impl<P: 'static> DirectHandle<VmReference> for Ref<P> {
    fn payload(&self) -> &P {
        &self.0
    }
}
