use crate::raised;
use pyobj::std_host::{Arguments, Value};

#[test]
fn exactly_returns_that_number_or_raises() {
    let [a, b] = Arguments::from([1, 2]).exactly().unwrap();
    assert_eq!((a.as_int(), b.as_int()), (Some(1), Some(2)));
    let error = raised(Arguments::from([1, 2]).exactly::<1>());
    assert_eq!(error, "TypeError: expected 1 arguments, got 2");
}

#[test]
fn at_most_returns_none_for_missing_ones_or_raises() {
    let [a, b] = Arguments::from([1]).at_most().unwrap();
    assert_eq!(a.and_then(|a| a.as_int()), Some(1));
    assert!(b.is_none());
    let error = raised(Arguments::from([1, 2, 3]).at_most::<2>());
    assert_eq!(error, "TypeError: expected at most 2 arguments, got 3");
}

#[test]
fn keywords_keep_their_order_and_later_ones_replace_earlier_ones() {
    let arguments = Arguments::new()
        .arg(1)
        .arg("x")
        .keyword("b", 1)
        .keyword("a", 2)
        .keyword("b", 3);
    assert_eq!(format!("{:?}", arguments.positional), "[1, 'x']");
    assert_eq!(format!("{:?}", arguments.keywords), r#"{"b": 3, "a": 2}"#);
}

#[test]
fn mixed_values_are_collected() {
    let arguments: Arguments = [Value::None, Value::from(1.5)].into_iter().collect();
    assert_eq!(format!("{:?}", arguments.positional), "[None, 1.5]");
}
