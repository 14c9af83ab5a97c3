//! Prints the JSON Schema of USF.
#![expect(clippy::print_stdout, reason = "that is what it is for")]
fn main() {
    println!("{:#}", stead_usf::schema());
}
