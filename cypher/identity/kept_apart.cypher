// Which customers were unmerged
// Answers: pairs of customers whose merge was undone: no run merges them again.
// Parameters:
MATCH (b:Customer|MergedCustomer)-[:WAS_MERGED_INTO]->(a)
RETURN DISTINCT a.customer_id AS one, b.customer_id AS other
ORDER BY one, other
