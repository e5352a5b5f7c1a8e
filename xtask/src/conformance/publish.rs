//! Puts the results of the suites into the docs.

use xshell::Shell;

use crate::Result;

const PAGE: &str = "docs/conformance.md";
const BEGIN: &str = "<!-- begin: cargo xtask conformance --suites --publish -->";
const END: &str = "<!-- end: cargo xtask conformance --suites --publish -->";

/// Replaces the table between the markers by one of these rows.
///
/// # Errors
///
/// When the page or its markers are gone.
pub fn suites(sh: &Shell, rows: &[[String; 5]]) -> Result<()> {
    let page = sh.read_file(PAGE)?;
    sh.write_file(PAGE, replaced(&page, &table(rows))?)?;
    println!("published in {PAGE}");
    Ok(())
}

fn table(rows: &[[String; 5]]) -> String {
    let mut table =
        String::from("| Python | suite | result | tests |\n| --- | --- | --- | --- |\n");
    for [python, suite, result, _, counted] in rows {
        table.push_str(&format!("| {python} | {suite} | {result} | {counted} |\n"));
    }
    table
}

fn replaced(page: &str, table: &str) -> std::result::Result<String, String> {
    let gone = |marker| format!("{PAGE} has no line `{marker}`; put it back");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| gone(BEGIN))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| gone(END))?;
    Ok(format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_markers_is_replaced_and_nothing_else() {
        let page = format!("# Head\n\n{BEGIN}\nold\n{END}\n\nTail\n");
        let rows = [["3.13.0", "context", "ok", "1.7", "43 run"].map(String::from)];
        let new = replaced(&page, &table(&rows)).unwrap();
        assert!(new.starts_with("# Head\n") && new.ends_with("\n\nTail\n"));
        assert!(new.contains("| 3.13.0 | context | ok | 43 run |\n"));
        assert!(!new.contains("old"));
        assert_eq!(replaced(&new, &table(&rows)).as_ref(), Ok(&new));
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        let error = replaced("# Head\n", "").unwrap_err();
        assert!(error.contains("has no line `<!-- begin"), "{error}");
    }
}
