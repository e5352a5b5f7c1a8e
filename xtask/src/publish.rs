//! Puts what was run or measured into the docs.

use xshell::Shell;

use crate::Result;

/// Replaces the table in a page that `cargo xtask` publishes with this command.
///
/// # Errors
///
/// When the page or its markers are gone.
pub fn table<const N: usize>(
    sh: &Shell,
    page: &str,
    command: &str,
    head: [&str; N],
    rows: &[[String; N]],
) -> Result<()> {
    let text = sh.read_file(page)?;
    let replaced = replaced(&text, command, &layout(head, rows));
    let gone = |marker| format!("{page} has no line `{marker}`; put it back");
    sh.write_file(page, replaced.map_err(gone)?)?;
    println!("published in {page}");
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

/// The page with the table between its markers, or the marker that is not there.
fn replaced(page: &str, command: &str, table: &str) -> std::result::Result<String, String> {
    let marker = |edge| format!("<!-- {edge}: cargo xtask {command} --publish -->");
    let (begin, end) = (marker("begin"), marker("end"));
    let (before, rest) = page.split_once(&begin).ok_or_else(|| begin.clone())?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| end.clone())?;
    Ok(format!("{before}{begin}\n\n{table}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_markers_of_a_command_is_replaced_and_nothing_else() {
        let markers = |command: &str, table: &str| {
            let marker = |edge| format!("<!-- {edge}: cargo xtask {command} --publish -->");
            format!("{}\n{table}\n{}\n", marker("begin"), marker("end"))
        };
        let (mine, other) = (markers("check --a", "old"), markers("check --b", "stays"));
        let page = format!("# Head\n\n{mine}\n{other}\nTail\n");
        let table = layout(
            ["Python", "tests"],
            &[["3.13.0", "43 run"].map(String::from)],
        );
        let new = replaced(&page, "check --a", &table).unwrap();
        assert!(new.starts_with("# Head\n") && new.ends_with("\nTail\n"));
        assert!(new.contains("| Python | tests |\n| --- | --- |\n| 3.13.0 | 43 run |\n"));
        assert!(new.contains(&other) && !new.contains("old"));
        assert_eq!(replaced(&new, "check --a", &table).as_ref(), Ok(&new));
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        let error = replaced("# Head\n", "check --a", "").unwrap_err();
        assert!(error.starts_with("<!-- begin: "), "{error}");
    }
}
