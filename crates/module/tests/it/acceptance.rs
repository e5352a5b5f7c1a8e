//! The acceptance test of the module's attributes.

use crate::python::{assert_int, assert_is};
use contextvars::{Context, ContextVar, Token, Value};
use pyobj::std_host::{Result, Tuple};

#[test]
fn module_surface() -> Result<()> {
    let native = module::import("_contextvars")?;
    let public = module::import("contextvars")?;

    for (name, class) in [
        ("Context", Context::class()),
        ("ContextVar", ContextVar::class()),
        ("Token", Token::class()),
    ] {
        assert_is(&native.get_attr(name)?, &Value::from(class));
        assert_is(&public.get_attr(name)?, &native.get_attr(name)?);
    }
    let copy_context = public.get_attr("copy_context")?;
    assert_is(&copy_context, &native.get_attr("copy_context")?);

    assert_eq!(
        native.get_attr("__doc__")?.as_str(),
        Some("Context Variables")
    );
    let Value::Tuple(all) = public.get_attr("__all__")? else {
        panic!("__all__ is no tuple");
    };
    let all: Vec<_> = <Tuple as std::ops::Deref>::deref(&all)
        .iter()
        .map(Value::as_str)
        .collect();
    assert_eq!(
        all,
        ["Context", "ContextVar", "Token", "copy_context"].map(Some)
    );

    let var = public.call_method("ContextVar", ["v"])?;
    let token = var.call_method("set", [1])?;
    let copy = copy_context.call(())?;
    let empty = public.call_method("Context", ())?;
    assert!(var.is_instance(ContextVar::class()));
    assert!(token.is_instance(Token::class()));
    assert!(copy.is_instance(Context::class()));
    assert_int(copy.get_item(&var), 1);
    assert_eq!(empty.length()?, 0);
    Ok(())
}
