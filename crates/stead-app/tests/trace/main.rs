//! The tracer on histories whose truth is known.

#[cfg(test)]
mod baseline;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod score;
#[cfg(test)]
mod tracer;
