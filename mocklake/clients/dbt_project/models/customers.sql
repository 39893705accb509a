{{ config(materialized='table') }}
select customers.customer_id, customers.name, count(orders.order_id) as orders, sum(orders.price) as spent
from {{ ref('staged_customers') }} as customers
left join {{ ref('staged_orders') }} as orders on orders.customer_id = customers.customer_id
group by customers.customer_id, customers.name
