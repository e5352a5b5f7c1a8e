//! Helpers for the native constructors and methods of both classes.

use boa_engine::object::NativeObject;
use boa_engine::{Context, JsObject, JsResult, JsValue, js_error, js_string};

/// Returns the object that `new` was called for.
///
/// # Errors
///
/// `TypeError` if the constructor is called without `new`.
pub(crate) fn new_target(new_target: &JsValue, class: &str) -> JsResult<JsObject> {
    let object = new_target.as_object();
    object.ok_or_else(|| js_error!(TypeError: "cannot call constructor `{}` without `new`", class))
}

/// Returns a new object with native data, of the class that `new` was called for.
///
/// # Errors
///
/// The error that the lookup of `prototype` throws.
pub(crate) fn create(
    new_target: &JsObject,
    default: JsObject,
    data: impl NativeObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let prototype = new_target.get(js_string!("prototype"), context)?;
    let prototype = prototype.as_object().unwrap_or(default);
    Ok(JsObject::from_proto_and_data(prototype, data).into())
}

/// Calls `read` with the native data of a receiver.
///
/// # Errors
///
/// `TypeError` if the receiver is of another class.
pub(crate) fn receiver<T: NativeObject, R>(
    this: &JsValue,
    class: &str,
    read: impl FnOnce(&T) -> R,
) -> JsResult<R> {
    let object = this.as_object();
    let data = object.as_ref().and_then(JsObject::downcast_ref::<T>);
    let data = data.ok_or_else(|| js_error!(TypeError: "the receiver is not an `{}`", class))?;
    Ok(read(&data))
}

/// Returns a value as a function.
///
/// # Errors
///
/// `TypeError` if it is not callable.
pub(crate) fn callable(value: &JsValue) -> JsResult<JsObject> {
    let function = value.as_callable();
    function.ok_or_else(|| js_error!(TypeError: "not a callable function"))
}

/// Calls the first of `args` with the others, and `this` undefined.
///
/// # Errors
///
/// The error that it throws; `TypeError` if it is not callable.
pub(crate) fn call_first(args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let undefined = JsValue::undefined();
    let (function, args) = args.split_first().unwrap_or((&undefined, &[]));
    callable(function)?.call(&undefined, args, context)
}
