//! The `Debug` output of contexts, stacks and variables.

use ambient::testing::fresh;
use ambient::{Context, StackSnapshot, Var};

static ID: Var<u64> = Var::new("id").shown();
static USER: Var<&str> = Var::new("user").displayed();
static SECRET: Var<String> = Var::new("secret");

#[test]
fn a_context_is_shown_with_its_bindings() {
    let mut outer = Context::new()
        .with_value(&ID, 7)
        .with_value(&SECRET, "hush".into());
    let outer_id = outer.id();
    let inner = outer.run(|| Context::inherited().with_value(&USER, "ada"));
    let inner_id = inner.id();
    assert_eq!(
        format!("{inner:#?}"),
        format!(
            "{inner_id} {{\n    id: u64 = 7 (inherited from {outer_id}),\n    \
             secret: alloc::string::String = … (inherited from {outer_id}),\n    \
             user: &str = ada (own),\n}}"
        )
    );
    assert_eq!(
        format!("{:?}", inner.without(&[&SECRET, &ID]))
            .split_once(' ')
            .map(|(_, rest)| { rest.split_once(' ').map(|(_, rest)| rest) }),
        Some(Some(
            format!("{{user: &str = ada (inherited from {inner_id})}}").as_str()
        ))
    );
}

#[test]
fn a_copy_of_the_current_context_shows_what_is_its_own() {
    let mut outer = Context::new().with_value(&ID, 7);
    outer.run(|| {
        USER.set("ada");
        let own: Vec<_> = Context::current().bindings();
        assert!(own.iter().all(|binding| binding.is_own()), "{own:?}");
        assert_eq!(own[0].value(&ID), Some(&7));
        assert_eq!(own[1].value(&ID), None);
        assert_eq!((own[1].name(), own[1].type_name()), ("user", "&str"));
    });
}

#[test]
fn a_stack_is_shown_with_all_its_contexts() {
    fresh(|| {
        ID.set(1);
        let mut task = Context::inherited().with_value(&USER, "ada");
        let shown = task.run(|| ID.scoped(2, || format!("{:#?}", StackSnapshot::here())));
        let lines: Vec<&str> = shown.lines().collect();
        assert!(
            lines[0].starts_with("thread ") && lines[0].ends_with(" ["),
            "{shown}"
        );
        assert_eq!(lines[1], format!("    {} {{", task.id()));
        assert_eq!(lines[2], "        id: u64 = 2 (own),");
        assert_eq!(lines[3], "        user: &str = ada (own),");
        assert_eq!(lines[6], "        id: u64 = 1 (own),");
        assert_eq!(lines[8..], ["]"]);
    })
}

#[test]
fn a_variable_shows_its_current_value() {
    fresh(|| {
        assert_eq!(format!("{ID:?}"), "id: u64 = (not set)");
        ID.set(5);
        assert_eq!(format!("{ID:?}"), "id: u64 = 5");
    })
}
