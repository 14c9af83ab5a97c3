mod encoding;
mod laws;
mod oddities;
mod refusals;
