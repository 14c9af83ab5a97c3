//! Services on a machine made for the test.
