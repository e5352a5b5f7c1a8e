//! Puts what was run into the docs.

use xshell::Shell;

use crate::Result;

const PAGE: &str = "docs/conformance.md";

/// Replaces the table of what `cargo xtask conformance` does with this flag.
///
/// # Errors
///
/// When the page or its markers are gone.
pub fn table<const N: usize>(
    sh: &Shell,
    flag: &str,
    head: [&str; N],
    rows: &[[String; N]],
) -> Result<()> {
    let page = sh.read_file(PAGE)?;
    sh.write_file(PAGE, replaced(&page, flag, &layout(head, rows))?)?;
    println!("published in {PAGE}");
    Ok(())
}

fn layout<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&head) + &line(&["---"; N]);
    for row in rows {
        table.push_str(&line(&row.each_ref().map(String::as_str)));
    }
    table
}

fn replaced(page: &str, flag: &str, table: &str) -> std::result::Result<String, String> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask conformance {flag} --publish -->");
    let (begin, end) = (marker("begin"), marker("end"));
    let gone = |marker| format!("{PAGE} has no line `{marker}`; put it back");
    let (before, rest) = page.split_once(&begin).ok_or_else(|| gone(&begin))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| gone(&end))?;
    Ok(format!("{before}{begin}\n\n{table}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_markers_of_a_flag_is_replaced_and_nothing_else() {
        let markers = |flag: &str, table: &str| {
            let marker =
                |edge| format!("<!-- {edge}: cargo xtask conformance {flag} --publish -->");
            format!("{}\n{table}\n{}\n", marker("begin"), marker("end"))
        };
        let (mine, other) = (markers("--suites", "old"), markers("--fuzz", "stays"));
        let page = format!("# Head\n\n{mine}\n{other}\nTail\n");
        let table = layout(
            ["Python", "tests"],
            &[["3.13.0", "43 run"].map(String::from)],
        );
        let new = replaced(&page, "--suites", &table).unwrap();
        assert!(new.starts_with("# Head\n") && new.ends_with("\nTail\n"));
        assert!(new.contains("| Python | tests |\n| --- | --- |\n| 3.13.0 | 43 run |\n"));
        assert!(new.contains(&other) && !new.contains("old"));
        assert_eq!(replaced(&new, "--suites", &table).as_ref(), Ok(&new));
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        let error = replaced("# Head\n", "--suites", "").unwrap_err();
        assert!(error.contains("has no line `<!-- begin"), "{error}");
    }
}
