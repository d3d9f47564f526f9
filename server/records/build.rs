//! Without this, a new migration would wait for the next change of the code.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
