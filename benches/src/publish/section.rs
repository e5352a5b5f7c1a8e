//! The part of the page that is a group's.

use crate::Result;
use crate::groups::Group;

/// Puts `text` between the group's markers in `page`, or at its end under a heading if it has
/// none yet.
///
/// # Errors
///
/// When the page has only one of the two markers.
pub fn replace(page: &str, group: &Group, text: &str) -> Result<String> {
    let name = group.name;
    let (begin, end) = (
        format!("<!-- begin: cargo xtask bench {name} --publish -->"),
        format!("<!-- end: cargo xtask bench {name} --publish -->"),
    );
    let section = format!("{begin}\n\n{}\n\n{end}", text.trim());
    let around = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    match around {
        Some((before, after)) => Ok(format!("{before}{section}{after}")),
        None if page.contains(&begin) || page.contains(&end) => {
            Err(format!("the page has not both of `{begin}` and `{end}`, in this order").into())
        }
        None => Ok(format!(
            "{}\n\n## {}\n\n{section}\n",
            page.trim_end(),
            group.title
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: Group = Group {
        name: "maps",
        title: "Maps",
        sizes: "entries",
        libraries: &[],
        measure: |_| Vec::new(),
    };

    #[test]
    fn a_new_section_comes_last_and_is_replaced_in_its_place() {
        let page = replace("# Page\n", &GROUP, "one\n").unwrap();
        assert!(
            page.starts_with("# Page\n\n## Maps\n\n<!-- begin"),
            "{page}"
        );
        let page = format!("{page}\nProse after it.\n");
        let again = replace(&page, &GROUP, "two").unwrap();
        assert_eq!(again, page.replace("one", "two"));
        assert_ne!(again, page);
    }

    #[test]
    fn a_page_with_one_marker_is_left_alone() {
        let page = replace("# Page\n", &GROUP, "one").unwrap();
        let broken = page.replace("<!-- end", "<!-- ");
        assert!(replace(&broken, &GROUP, "two").is_err());
    }
}
