//! What the classes have in common.

use boa_engine::object::NativeObject;
use boa_engine::{Context, JsNativeError, JsObject, JsResult, JsValue, js_string};

/// Returns the object that `new` was called for.
///
/// # Errors
///
/// `TypeError` without `new`.
pub(crate) fn new_target(new_target: &JsValue, class: &str) -> JsResult<JsObject> {
    new_target.as_object().ok_or_else(|| {
        let message = format!("cannot call constructor `{class}` without `new`");
        JsNativeError::typ().with_message(message).into()
    })
}

/// Returns a new object with native data, of the class that `new` was called for.
///
/// # Errors
///
/// Whatever the look at `prototype` throws.
pub(crate) fn create(
    new_target: &JsObject,
    default: &JsObject,
    data: impl NativeObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let own = new_target.get(js_string!("prototype"), context)?;
    let prototype = own.as_object().unwrap_or_else(|| default.clone());
    Ok(JsObject::from_proto_and_data(prototype, data).into())
}

/// Calls `read` with the native data of a receiver.
///
/// # Errors
///
/// `TypeError` for a receiver of another kind.
pub(crate) fn receiver<T: NativeObject, R>(
    this: &JsValue,
    class: &str,
    read: impl FnOnce(&T) -> R,
) -> JsResult<R> {
    let object = this.as_object();
    let data = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<T>());
    data.map(|data| read(&data)).ok_or_else(|| {
        let message = format!("the receiver is not an `{class}`");
        JsNativeError::typ().with_message(message).into()
    })
}

/// Calls the first of `args` with the others, and `this` undefined.
///
/// # Errors
///
/// Whatever it throws; `TypeError` where it is not callable.
pub(crate) fn call_first(args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let (function, args) = args.split_first().unzip();
    let function = function
        .and_then(JsValue::as_callable)
        .ok_or_else(not_callable)?;
    function.call(&JsValue::undefined(), args.unwrap_or_default(), context)
}

/// Returns the error for a value that has to be a function.
pub(crate) fn not_callable() -> JsNativeError {
    JsNativeError::typ().with_message("not a callable function")
}
