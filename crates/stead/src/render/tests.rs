//! The pictures, and what no session can do to them. After a change that is
//! meant, look at the pictures that `STEAD_BLESS=1 cargo test -p stead render`
//! writes.
