//! Figures as people read them.

/// A figure with its unit and the digits that mean something.
pub fn display(figure: f64, unit: &str) -> String {
    let (figure, unit) = match unit {
        "ns" if figure >= 1e9 => (figure / 1e9, "s"),
        "ns" if figure >= 1e6 => (figure / 1e6, "ms"),
        "ns" if figure >= 1e3 => (figure / 1e3, "µs"),
        _ => (figure, unit),
    };
    if figure == 0.0 || figure >= 99.95 {
        format!("{figure:.0} {unit}")
    } else if figure >= 9.995 {
        format!("{figure:.1} {unit}")
    } else {
        format!("{figure:.2} {unit}")
    }
}

/// A number with its digits in threes.
pub fn count(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", count(thousands), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(display(1.234, "ns"), "1.23 ns");
        assert_eq!(display(9.999, "ns"), "10.0 ns");
        assert_eq!(display(99.96, "bytes"), "100 bytes");
        assert_eq!(display(12_345.0, "ns"), "12.3 µs");
        assert_eq!(display(2e9, "ns"), "2.00 s");
        assert_eq!(display(123_456_789.0, "ns"), "123 ms");
        assert_eq!(display(2_079.4, "bytes"), "2079 bytes");
        assert_eq!(display(0.0, "allocations"), "0 allocations");
    }

    #[test]
    fn counts_are_in_threes() {
        assert_eq!(count(10), "10");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_000_010), "1,000,010");
    }
}
