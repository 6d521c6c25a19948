// Store which products campaigns offer, such as those that a coupon of theirs is for
// Answers: nothing; campaigns and products are created where they are new. An offer with the same properties is there once.
// Parameters:
//   $rows  list of lists: campaign, product_id, properties of the offer (a map whose keys begin with p_), and a hash of them
:params {rows: [['spring', 'shoe-7', {p_coupon: '17'}, '0a1b2c3d4e5f6071']]};
UNWIND $rows AS row
MERGE (k:Campaign {name: row[0]})
SET k.described = true
MERGE (p:Product {product_id: row[1]})
SET p.described = true
MERGE (k)-[o:OFFERS {offer: row[3]}]->(p)
ON CREATE SET o += row[2]
