//! One change of one place in a source file, for code that is broken on purpose.

/// The source with the one place where `find` stands replaced.
///
/// # Errors
///
/// One line that says why not: the text is not there, or more than once, or the change is none.
pub fn once(source: &str, find: &str, replace: &str) -> Result<String, String> {
    let matches = source.matches(find).count();
    if matches != 1 {
        return Err(format!(
            "no longer applies: its text occurs {matches} times"
        ));
    }
    if find == replace {
        return Err("changes nothing".into());
    }
    Ok(source.replacen(find, replace, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_place_is_changed() {
        assert_eq!(once("a b c", "b", "d"), Ok("a d c".into()));
    }

    #[test]
    fn none_and_two_places_are_refused() {
        let refused = |times: u8| Err(format!("no longer applies: its text occurs {times} times"));
        assert_eq!(once("a b c", "d", "e"), refused(0));
        assert_eq!(once("a b b", "b", "e"), refused(2));
        assert_eq!(once("a b c", "b", "b"), Err("changes nothing".into()));
    }
}
