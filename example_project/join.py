from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.shortcuts import redirect
from django.views.generic import FormView


class JoinView(FormView):
    """Make an account and sign in; what a guest has marked is the account's then."""

    form_class = UserCreationForm
    template_name = "registration/join.html"

    def form_valid(self, form):
        login(self.request, form.save())
        return redirect("django_roadmap:mine")
