//! nDCG@10 on judged topics: a floor per collection, so that a change of ranking shows as a number.
