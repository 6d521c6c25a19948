// How many merges stand
// Answers: the merges that stand, and how many of them have at least each of some confidences.
// Parameters:
//   $confidences  list of float: e.g. [0.5, 0.9]
:params {confidences: [0.5, 0.9]};
UNWIND $confidences AS least_confidence
RETURN least_confidence,
       COUNT { (:MergedCustomer)-[m:MERGED_INTO]->() WHERE m.confidence >= least_confidence } AS merges,
       COUNT { (:MergedCustomer)-[:MERGED_INTO]->() } AS all_merges
ORDER BY least_confidence
