select * from (values
  (1, 'north', 120.5, 'XX00 0000 0000 0001'),
  (2, 'south', -4.0, 'XX00 0000 0000 0002'),
  (2, 'west', 80.0, null)
) as rows(claim_id, region, amount, iban)
