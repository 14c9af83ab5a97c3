//! The program as people and scripts see it: arguments in, text and exit code out.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod changing;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod exporting;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod noting;
#[cfg(test)]
mod odd;
mod other;
#[cfg(test)]
mod patching;
#[cfg(test)]
#[cfg(unix)]
mod run;
#[cfg(test)]
mod searching;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod showing;
#[cfg(test)]
mod together;
#[cfg(test)]
mod tooling;
#[cfg(test)]
mod tracing;
#[cfg(test)]
mod verifying;
