{{ config(materialized='incremental', incremental_strategy='append') }}
select order_id, bread, sold_on from {{ ref('staged_orders') }}
{% if is_incremental() %}where order_id > (select max(order_id) from {{ this }}){% endif %}
