//! Module objects.

use crate::objects::OnDrop;
use crate::python::*;
use contextvars::Value;
use module::Module;
use pyobj::std_host::Result;
use std::sync::mpsc;

fn colours() -> Value {
    Value::object(
        Module::new("colours")
            .doc("Some colours")
            .with_attr("red", 1),
    )
}

#[test]
fn a_module_shows_its_name_doc_and_attributes() -> Result<()> {
    let module = colours();
    assert_eq!(module.repr()?, "<module 'colours' (built-in)>");
    assert_eq!(module.get_attr("__name__")?.as_str(), Some("colours"));
    assert_eq!(module.get_attr("__doc__")?.as_str(), Some("Some colours"));
    assert_int(module.get_attr("red"), 1);
    assert_eq!(module.get_attr("__class__")?.repr()?, "<class 'module'>");
    let names = module.downcast_ref::<Module>().unwrap().dir();
    assert_eq!(names, ["__doc__", "__name__", "red"]);
    Ok(())
}

#[test]
fn a_missing_attribute_is_named_together_with_the_module() {
    let native = module::import("_contextvars").unwrap();
    assert_raises(
        native.get_attr("foo"),
        "AttributeError",
        "module '_contextvars' has no attribute 'foo'",
    );
    assert_raises(
        native.del_attr("foo"),
        "AttributeError",
        "'module' object has no attribute 'foo'",
    );
}

#[test]
fn a_missing_attribute_of_a_module_without_a_name_is_named_alone() -> Result<()> {
    let module = colours();
    module.del_attr("__name__")?;
    for name in ["blue", "__name__"] {
        assert_raises(
            module.get_attr(name),
            "AttributeError",
            &format!("module has no attribute '{name}'"),
        );
    }
    Ok(())
}

#[test]
fn attributes_can_be_set_and_deleted() -> Result<()> {
    let module = colours();
    module.set_attr("red", 2)?;
    module.set_attr("blue", 3)?;
    assert_int(module.get_attr("red"), 2);
    assert_int(module.get_attr("blue"), 3);
    module.del_attr("red")?;
    assert!(module.get_attr("red").is_err());
    Ok(())
}

#[test]
fn a_displaced_attribute_may_use_the_module_in_its_drop() -> Result<()> {
    let module = colours();
    let (seen, sees) = mpsc::channel();
    for change in ["set", "delete"] {
        let (inner, seen) = (module.clone(), seen.clone());
        let value = OnDrop::value(move || {
            let now = inner.get_attr("last").ok();
            seen.send(now.and_then(|value| value.as_int())).unwrap();
        });
        module.set_attr("last", value)?;
        match change {
            "set" => module.set_attr("last", 7)?,
            _ => module.del_attr("last")?,
        }
    }
    assert_eq!(sees.try_iter().collect::<Vec<_>>(), [Some(7), None]);
    Ok(())
}

#[test]
fn a_module_is_equal_and_hashed_by_identity() -> Result<()> {
    let (module, other) = (colours(), colours());
    assert!(module.equals(&module)?);
    assert!(module.differs(&other)?);
    assert_eq!(module.hash()?, module.hash()?);
    assert_type_error(module.call(()), "'module' object is not callable");
    Ok(())
}
