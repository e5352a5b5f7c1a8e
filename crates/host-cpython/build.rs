//! Sets the `cfg`s of the Python version or stable ABI, and the arguments with which the linker
//! leaves the interpreter's symbols to the process that loads the extension.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
    pyo3_build_config::add_extension_module_link_args();
}
