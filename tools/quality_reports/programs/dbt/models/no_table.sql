select cast('XX00 0000 0000 0003' as integer) as amount
