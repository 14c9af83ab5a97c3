//! Hand-made streams of the first generation: what the corpora do not show.
