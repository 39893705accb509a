from django.contrib.admin.apps import AdminConfig


class AdminSiteConfig(AdminConfig):
    default_site = "portal.admin_site.site.PortalAdminSite"
