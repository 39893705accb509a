// Makes Swagger UI's page valid for screen readers: no link inside a button, one main landmark, headings in order.
const root = document.getElementById("swagger-ui");
const accessibility = ({ React }) => {
  const { createElement } = React;
  const tags = new Map([["main", "section"], ["h1", "h2"]]);
  React.createElement = (type, props, ...children) => {
    const label = type === "main" ? { "aria-label": root.dataset.operationsLabel } : {};
    return createElement(tags.get(type) ?? type, { ...props, ...label }, ...children);
  };
  return {
    wrapComponents: { DeepLink: () => ({ text }) => createElement("span", null, text) },
  };
};
const bundle = window.SwaggerUIBundle;
window.SwaggerUIBundle = Object.assign(
  (options) => bundle({ ...options, plugins: [...options.plugins, accessibility] }),
  bundle,
);

// Swagger UI begins with level 3; the page has only a heading of level 1 above.
const repairHeadings = () => {
  for (const heading of root.querySelectorAll("h3.opblock-tag, .models h4")) heading.setAttribute("aria-level", "2");
};
new MutationObserver(repairHeadings).observe(root, { childList: true, subtree: true });
