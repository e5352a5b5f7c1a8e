//! `==` and `!=` between contexts.

use crate::objects::{Equal, NoTruth, oops};
use crate::python::*;
use contextvars::Value;
use pyobj::std_host::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn contexts_with_equal_bindings_are_equal() -> Result<()> {
    let (a, b) = (var("a"), var("b"));
    let context = context_with(&[(&a, Value::from(1)), (&b, Value::from("x"))]);
    // The same values in other objects, bound in another order.
    let same = context_with(&[(&b, Value::from("x")), (&a, Value::from(1.0))]);
    for (other, equal) in [
        (context.clone(), true),
        (same, true),
        (context_with(&[(&a, 1)]), false),
        (context_with(&[(&a, 1), (&var("b"), 2)]), false),
        (context_with(&[(&a, 1), (&b, 2)]), false),
    ] {
        assert_eq!(context.equals(&other)?, equal, "{other:?}");
        assert_eq!(context.differs(&other)?, !equal, "{other:?}");
    }
    assert!(self::context().equals(&self::context())?);
    Ok(())
}

#[test]
fn identical_values_are_equal_without_being_asked() -> Result<()> {
    let var = var("v");
    let value = Value::object(Equal(|_: &Value| Err(oops())));
    let (left, right) = (
        context_with(&[(&var, value.clone())]),
        context_with(&[(&var, value)]),
    );
    assert!(left.equals(&right)?);
    assert!(!left.differs(&right)?);

    let nan = Value::from(f64::NAN);
    let (left, right) = (
        context_with(&[(&var, nan.clone())]),
        context_with(&[(&var, nan)]),
    );
    assert!(left.equals(&right)?);
    Ok(())
}

#[test]
fn values_are_compared_left_to_right_and_the_truth_of_the_answer_is_taken() -> Result<()> {
    let var = var("v");
    let answers = |answer: &'static str| {
        context_with(&[(
            &var,
            Value::object(Equal(move |_: &Value| Ok(answer.into()))),
        )])
    };
    let other = context_with(&[(&var, 1)]);
    assert!(answers("yes").equals(&other)?);
    assert!(!answers("").equals(&other)?);
    assert!(
        answers("")
            .equals(&answers("yes"))
            .is_ok_and(|equal| !equal)
    );
    assert!(answers("yes").equals(&answers(""))?);
    Ok(())
}

#[test]
fn a_comparison_that_raises_is_passed_on() {
    let var = var("v");
    let left = context_with(&[(&var, Value::object(Equal(|_: &Value| Err(oops()))))]);
    let right = context_with(&[(&var, 1)]);
    assert_raises(left.equals(&right), "ValueError", "oops");
    assert_raises(left.differs(&right), "ValueError", "oops");
    // The left operand returns `NotImplemented`; the reflected method raises.
    assert_raises(right.equals(&left), "ValueError", "oops");
}

#[test]
fn a_truth_value_that_raises_is_passed_on() {
    let var = var("v");
    let answer = Equal(|_: &Value| Ok(Value::object(NoTruth)));
    let left = context_with(&[(&var, Value::object(answer))]);
    let right = context_with(&[(&var, 1)]);
    assert_raises(left.equals(&right), "ValueError", "oops");
}

#[test]
fn an_object_that_is_no_context_is_unequal() -> Result<()> {
    for other in [Value::from(1), Value::None, var("v")] {
        assert!(!context().equals(&other)?);
        assert!(context().differs(&other)?);
    }
    Ok(())
}

#[test]
fn an_object_that_is_no_context_decides_by_its_reflected_method() -> Result<()> {
    let asked = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&asked);
    let foreign = Value::object(Equal(move |_: &Value| {
        counts.fetch_add(1, Ordering::Relaxed);
        Ok(true.into())
    }));
    assert!(context().equals(&foreign)?);
    assert!(!context().differs(&foreign)?);
    assert_eq!(asked.load(Ordering::Relaxed), 2);

    let raises = Value::object(Equal(|_: &Value| Err(oops())));
    assert_raises(context().equals(&raises), "ValueError", "oops");
    Ok(())
}
