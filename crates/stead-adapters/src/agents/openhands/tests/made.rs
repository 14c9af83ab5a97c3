//! Hand-made conversations of the second generation: what the corpora do not show.
