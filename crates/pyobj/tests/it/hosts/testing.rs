//! [`TestHost`] for the toy hosts.

use super::lifetime_token::{Counted, LifetimeToken, Token};
use super::no_token::NoToken;
use super::vm_reference::{Machine, VmReference};
use super::{Payload, TestHost, lifetime_token, no_token, vm_reference};
use pyobj::ExceptionKind;
use std::rc::Rc;
use std::sync::Arc;

impl TestHost for NoToken {
    type Ref<P: Payload> = no_token::Ref<P>;

    fn attach<R>(body: impl FnOnce(()) -> R) -> R {
        body(())
    }

    fn object<T: Payload>((): (), value: T) -> no_token::Value {
        Arc::new(value)
    }

    fn read<T: Payload + Clone>(value: &no_token::Value) -> Option<T> {
        value.downcast_ref().cloned()
    }

    fn function(
        (): (),
        body: impl Fn((), &[no_token::Value]) -> no_token::Result + Payload,
    ) -> no_token::Value {
        let function: no_token::Function = Box::new(move |args| body((), args));
        Arc::new(function)
    }

    fn with_args<R>(
        values: Vec<no_token::Value>,
        body: impl FnOnce(Vec<no_token::Value>) -> R,
    ) -> R {
        body(values)
    }

    fn is_kind(error: &no_token::Error, kind: ExceptionKind) -> bool {
        error.kind == kind
    }

    fn argument(error: &no_token::Error) -> &no_token::Value {
        &error.argument
    }

    fn take_reports((): ()) -> Vec<String> {
        no_token::REPORTS.take()
    }
}

impl TestHost for VmReference {
    type Ref<P: Payload> = vm_reference::Ref<P>;

    fn attach<R>(body: impl FnOnce(&Machine) -> R) -> R {
        body(&Machine::default())
    }

    fn object<T: Payload>(_vm: &Machine, value: T) -> vm_reference::Value {
        Rc::new(value)
    }

    fn read<T: Payload + Clone>(value: &vm_reference::Value) -> Option<T> {
        value.downcast_ref().cloned()
    }

    fn function(
        _vm: &Machine,
        body: impl Fn(&Machine, &[vm_reference::Value]) -> vm_reference::Result + Payload,
    ) -> vm_reference::Value {
        let function: vm_reference::Function = Box::new(body);
        Rc::new(function)
    }

    fn with_args<R>(
        values: Vec<vm_reference::Value>,
        body: impl FnOnce(&[vm_reference::Value]) -> R,
    ) -> R {
        body(&values)
    }

    fn is_kind(error: &vm_reference::Error, kind: ExceptionKind) -> bool {
        error.kind == kind
    }

    fn argument(error: &vm_reference::Error) -> &vm_reference::Value {
        &error.argument
    }

    fn take_reports(vm: &Machine) -> Vec<String> {
        vm.reports.take()
    }
}

impl TestHost for LifetimeToken {
    type Ref<P: Payload> = Counted<P>;

    fn attach<R>(body: impl FnOnce(Token<'_>) -> R) -> R {
        lifetime_token::attach(body)
    }

    fn object<T: Payload>(_token: Token<'_>, value: T) -> lifetime_token::Value {
        Counted(Arc::new(value))
    }

    fn read<T: Payload + Clone>(value: &lifetime_token::Value) -> Option<T> {
        value.0.downcast_ref().cloned()
    }

    fn function(
        _token: Token<'_>,
        body: impl Fn(Token<'_>, &[lifetime_token::Value]) -> lifetime_token::Result + Payload,
    ) -> lifetime_token::Value {
        let function: lifetime_token::Function = Box::new(body);
        Counted(Arc::new(function))
    }

    fn with_args<R>(
        values: Vec<lifetime_token::Value>,
        body: impl FnOnce(&[lifetime_token::Value]) -> R,
    ) -> R {
        body(&values)
    }

    fn is_kind(error: &lifetime_token::Error, kind: ExceptionKind) -> bool {
        error.kind == kind
    }

    fn argument(error: &lifetime_token::Error) -> &lifetime_token::Value {
        &error.argument
    }

    fn take_reports(_token: Token<'_>) -> Vec<String> {
        lifetime_token::REPORTS.take()
    }
}
