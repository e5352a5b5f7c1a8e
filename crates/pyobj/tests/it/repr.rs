use pyobj::std_host::{List, Value, types};

fn repr(value: impl Into<Value>) -> String {
    value.into().repr().unwrap()
}

#[test]
fn singletons_numbers_and_types_print_as_python_prints_them() {
    assert_eq!(repr(()), "None");
    assert_eq!(repr(Value::NotImplemented), "NotImplemented");
    assert_eq!(repr(true), "True");
    assert_eq!(repr(false), "False");
    assert_eq!(repr(-5), "-5");
    assert_eq!(repr(i64::MIN), "-9223372036854775808");
    assert_eq!(repr(&*types::INT), "<class 'int'>");
    assert_eq!(repr(&*types::GENERIC_ALIAS), "<class 'types.GenericAlias'>");
}

#[test]
fn floats_print_as_python_prints_them() {
    for (number, text) in [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (9_999_999_999_999_998.0, "9999999999999998.0"),
        (1e16, "1e+16"),
        (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
        (1e22, "1e+22"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-1.5e-7, "-1.5e-07"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
        (-f64::NAN, "nan"),
    ] {
        assert_eq!(repr(number), text);
    }
}

#[test]
fn texts_choose_their_quotes() {
    assert_eq!(repr("a"), "'a'");
    assert_eq!(repr("a'b"), "\"a'b\"");
    assert_eq!(repr("a\"b"), "'a\"b'");
    assert_eq!(repr("a'\"b"), "'a\\'\"b'");
}

#[test]
fn texts_escape_characters_that_are_not_printable() {
    assert_eq!(repr("\n\t\r\\"), r"'\n\t\r\\'");
    assert_eq!(repr("\0\x1f\x7f"), r"'\x00\x1f\x7f'");
    assert_eq!(repr("\u{a0}\u{ad}\u{ff}"), r"'\xa0\xadÿ'");
    assert_eq!(repr("\u{200b}\u{2028}\u{e000}"), r"'\u200b\u2028\ue000'");
    assert_eq!(repr("\u{e0001}"), r"'\U000e0001'");
    // A combining mark alone is printable too.
    assert_eq!(repr("\u{301}é漢😀"), "'\u{301}é漢😀'");
}

#[test]
fn str_of_a_text_is_the_text() {
    assert_eq!(Value::from("a'b").str().unwrap(), "a'b");
    assert_eq!(Value::tuple(["a"]).str().unwrap(), "('a',)");
}

#[test]
fn sequences_print_their_items() {
    assert_eq!(repr(Value::tuple([(); 0])), "()");
    assert_eq!(repr(Value::tuple([1])), "(1,)");
    assert_eq!(
        repr(Value::tuple([Value::from(1), Value::from("b")])),
        "(1, 'b')"
    );
    assert_eq!(repr(Value::list([(); 0])), "[]");
    assert_eq!(
        repr(Value::list([Value::from(1), Value::list([2])])),
        "[1, [2]]"
    );
}

#[test]
fn a_list_that_contains_itself_prints_dots_there() {
    let list = List::default();
    list.push(list.clone());
    list.push(Value::tuple([list.clone()]));
    list.push(1);
    assert_eq!(repr(list.clone()), "[[...], ([...],), 1]");
    // Once printed, it is not marked any more.
    assert_eq!(
        repr(Value::list([list.clone(), list.clone()])),
        "[[[...], ([...],), 1], [[...], ([...],), 1]]"
    );
    assert_eq!(repr(list.clone()), "[[...], ([...],), 1]");
    list.take();
}

#[test]
fn the_same_list_twice_is_no_recursion() {
    let inner = List::default();
    assert_eq!(repr(Value::list([inner.clone(), inner])), "[[], []]");
}
