//! Finds and reads every agent's session store and yields USF.
