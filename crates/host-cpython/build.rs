//! Tells the linker, where it wants to know, that the interpreter's symbols
//! come from the process that loads the extension, and the code which stable ABI
//! or version it is built for.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
    pyo3_build_config::add_extension_module_link_args();
}
