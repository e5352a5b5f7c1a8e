//! Tells the linker, where it wants to know, that the interpreter's symbols
//! come from the process that loads the extension.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
